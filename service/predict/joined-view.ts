import { join } from 'node:path';
import type { SpecModel } from '../../lib/spec/load';
import type { FeatureLives } from '../cache/features/feature-reader';
import type { FeatureView } from '../cache/features/feature-store';
import { ruleOf } from '../model/feature-values';
import { type FeatureViewDescription, VIEW_DEFAULTS } from '../model/view-schema';
import type { ServedModel } from '../repository/served-model';

/** Which features of a model are joined by entity, how long they live, and what holds where they cannot be read. */
export interface JoinedView {
  readonly view: FeatureView;
  readonly lives: FeatureLives;
  /** Absolute path of the model's own feature file. */
  readonly file: string | undefined;
  readonly onStoreError: FeatureViewDescription['onStoreError'];
}

/** The view of model.yaml, with what the spec says instead; undefined where neither names one. */
export function joinedViewOf(
  { description, directory }: Pick<ServedModel, 'description' | 'directory'>,
  spec: SpecModel['features'],
): JoinedView | undefined {
  const described = description?.featureView;
  const name = spec?.view ?? described?.name;
  if (name === undefined || description?.features === undefined) return undefined;
  const { staleSeconds, unknownTtlSeconds, budgetMs, onStoreError } = described ?? VIEW_DEFAULTS;
  const ttlSeconds = spec?.ttlSeconds ?? described?.ttlSeconds ?? VIEW_DEFAULTS.ttlSeconds;
  const joined = description.features.filter(({ name }) => described?.features?.includes(name) ?? true);
  return {
    view: {
      name,
      joinKey: described?.joinKey ?? `${name}_id`,
      rules: joined.map((feature) => ruleOf(feature)),
      budgetMs,
    },
    lives: { ttlMs: ttlSeconds * 1000, unknownTtlMs: unknownTtlSeconds * 1000, staleMs: staleSeconds * 1000 },
    file: described?.file === undefined ? undefined : join(directory, described.file),
    onStoreError,
  };
}
