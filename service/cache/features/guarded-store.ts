import type { Logger } from 'pino';
import { describeRule } from '../../model/feature-problems';
import { fits } from '../../model/feature-values';
import type { CacheLayerMetrics } from '../../telemetry/cache-metrics';
import { withinBudget } from '../budget';
import { Circuit } from '../circuit';
import { connectionProblem } from '../connection-report';
import type { FeatureStore, FeatureView, StoredFeatures } from './feature-store';

/** What became of the read of one entity. */
export type StoreRead =
  | { readonly outcome: 'known'; readonly features: StoredFeatures }
  | { readonly outcome: 'unknown' }
  | { readonly outcome: 'failed'; readonly reason: string };

/**
 * A store that is measured and never trusted: a server has a budget and a circuit breaker, and what does not fit a
 * feature is refused, whoever stored it.
 */
export class GuardedStore {
  /** undefined: the store is no server. */
  readonly #circuit: Circuit | undefined;

  constructor(
    private readonly store: FeatureStore,
    private readonly metrics: CacheLayerMetrics,
    private readonly logger: Logger,
  ) {
    const { probe, layer } = store;
    if (probe === undefined) return;
    this.#circuit = new Circuit({
      probe,
      onOpen: (reason) => logger.warn({ store: layer, reason: connectionProblem(reason) }, 'the feature store fails'),
      onClose: () => logger.info({ store: layer }, 'the feature store is back'),
    });
    store
      .connect?.()
      .catch((error) =>
        logger.warn({ store: layer, reason: connectionProblem(error) }, 'the feature store does not answer yet'),
      );
  }

  get isAvailable(): boolean {
    return this.#circuit?.isClosed ?? true;
  }

  /** By position. Never throws. */
  async read(view: FeatureView, entities: readonly string[]): Promise<readonly StoreRead[]> {
    const { lookups, latency, bytes } = this.metrics;
    if (!this.isAvailable) {
      lookups.skipped += entities.length;
      return failed(entities, 'the feature store has failed and is left alone');
    }
    const fromMs = performance.now();
    try {
      const found = await this.#read(view, entities);
      latency.observe((performance.now() - fromMs) / 1e3);
      return entities.map((entity, index) => this.#judge(view, entity, found[index]));
    } catch (error) {
      lookups.error += entities.length;
      this.logger.debug({ err: error, store: this.store.layer }, 'features cannot be read');
      // Why is for the log: the reason may name hosts and paths.
      return failed(entities, 'the feature store does not answer as it should');
    } finally {
      bytes.read = this.store.bytesRead ?? 0;
    }
  }

  async close(): Promise<void> {
    this.#circuit?.close();
    await this.store.close();
  }

  #read(view: FeatureView, entities: readonly string[]): Promise<readonly (StoredFeatures | undefined)[]> {
    const circuit = this.#circuit;
    if (circuit === undefined) return this.store.read(view, entities);
    return circuit.run(() => withinBudget(this.store.read(view, entities), view.budgetMs));
  }

  #judge({ rules }: FeatureView, entity: string, features: StoredFeatures | undefined): StoreRead {
    const { lookups } = this.metrics;
    if (features === undefined) {
      lookups.miss++;
      return { outcome: 'unknown' };
    }
    for (const rule of rules) {
      const value = features.values.get(rule.name);
      if (value === undefined || fits(rule, value)) continue;
      lookups.error++;
      const reason = `'${rule.name}' in the feature store is not ${describeRule(rule)}`;
      this.logger.debug({ store: this.store.layer, entity, reason }, 'a stored feature does not fit the model');
      return { outcome: 'failed', reason };
    }
    lookups.hit++;
    return { outcome: 'known', features };
  }
}

function failed(entities: readonly string[], reason: string): readonly StoreRead[] {
  return entities.map(() => ({ outcome: 'failed', reason }));
}
