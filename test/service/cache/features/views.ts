import { type Logger, pino } from 'pino';
import type { FeatureStore, FeatureView } from '../../../../service/cache/features/feature-store';
import { GuardedStore } from '../../../../service/cache/features/guarded-store';
import { ruleOf } from '../../../../service/model/feature-values';
import { CacheLayerMetrics } from '../../../../service/telemetry/cache-metrics';

export const SILENT = pino({ level: 'silent' });

/** What a person is warned of. */
export class Warnings {
  readonly told: { readonly msg: string; readonly reason: string }[] = [];
  readonly logger: Logger = pino({ level: 'warn' }, { write: (line) => this.told.push(JSON.parse(line)) });
}

/** Three features of a user: a number, a boolean and a word. */
export const USER: FeatureView = {
  name: 'user',
  joinKey: 'user_id',
  rules: [
    ruleOf({ name: 'age', type: 'integer', minimum: 0 }),
    ruleOf({ name: 'member', type: 'boolean', default: false }),
    ruleOf({ name: 'city', type: 'category', categories: ['Oslo', 'Rome'], default: 'Rome' }),
  ],
  // Long enough for a busy machine; tests of what takes too long have one of their own.
  budgetMs: 10_000,
};

export function guarded(store: FeatureStore, logger = SILENT): { store: GuardedStore; metrics: CacheLayerMetrics } {
  const metrics = new CacheLayerMetrics();
  return { store: new GuardedStore(store, metrics, logger), metrics };
}

/** Values by name, as JSON has them. */
export function plain(features: { readonly values: ReadonlyMap<string, unknown> } | undefined): unknown {
  return features && Object.fromEntries(features.values);
}
