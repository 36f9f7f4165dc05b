import type { EntityFeatures, FeatureReader } from '../cache/features/feature-reader';
import { entityNotFound, featuresUnavailable } from '../errors';
import { isInstance } from '../model/feature-problems';
import { type EntityInstance, namesEntity, readInstance } from './entity-instance';
import type { JoinedView } from './joined-view';

/**
 * Where the features of an instance came from. request: it brought all of them; cached: memory; fetched: the store;
 * stale: memory, beyond their end, because the store failed; unknown: the store does not know the entity; defaults: the
 * store failed, and the defaults of the features stand for them.
 */
export type FeatureSource = 'request' | 'cached' | 'fetched' | 'stale' | 'unknown' | 'defaults';

/** Instances with the features of their entities. */
export interface JoinedInstances {
  /** Features alone, as the encoder takes them. */
  readonly instances: readonly unknown[];
  /** By instance; undefined: it names none. */
  readonly entities: readonly (string | undefined)[];
  /** How many instances with an entity have which source. */
  readonly sources: ReadonlyMap<FeatureSource, number>;
  /** When the oldest of the joined features was read, in milliseconds since the epoch; undefined: none was. */
  readonly readMs: number | undefined;
  /** The earliest time at which any was computed, as far as the store tells, else read. */
  readonly asOfMs: number | undefined;
}

const NO_STORE: EntityFeatures = { source: 'failed', reason: 'the service has no feature store, see --feature-store' };

/** Adds to the instances of a model the features that they leave to the feature store. */
export class FeatureJoin {
  constructor(
    readonly view: JoinedView,
    /** undefined: there is no store. */
    private readonly reader: FeatureReader | undefined,
  ) {}

  /** Whether any of the instances names an entity. */
  takesPart(instances: readonly unknown[]): boolean {
    return instances.some(namesEntity);
  }

  /** @throws ServiceError 400 for instances of another form, 404 for unknown entities, 503 for a store that fails, where features without defaults are missing */
  async join(instances: readonly unknown[]): Promise<JoinedInstances> {
    const asked = instances.map(readInstance);
    const wanted = asked.filter((instance) => this.#leavesOut(instance)).map(({ entity }) => entity ?? '');
    const found = await this.#read([...new Set(wanted)]);
    const joined = new Join(this.view);
    for (const instance of asked) joined.add(instance, found.get(instance.entity ?? ''));
    return joined;
  }

  #leavesOut({ entity, features }: EntityInstance): boolean {
    if (entity === undefined || !isInstance(features)) return false;
    return this.view.view.rules.some(({ name }) => isMissing(features, name));
  }

  async #read(entities: readonly string[]): Promise<ReadonlyMap<string, EntityFeatures>> {
    if (entities.length === 0) return new Map();
    const features = await this.reader?.read(entities);
    return new Map(entities.map((entity, index) => [entity, features?.[index] ?? NO_STORE]));
  }
}

/** Collects joined instances, and what is to be told of them. */
class Join implements JoinedInstances {
  readonly instances: unknown[] = [];
  readonly entities: (string | undefined)[] = [];
  readonly sources = new Map<FeatureSource, number>();
  readMs: number | undefined;
  asOfMs: number | undefined;

  constructor(private readonly view: JoinedView) {}

  add({ entity, features }: EntityInstance, found: EntityFeatures | undefined): void {
    this.entities.push(entity);
    if (entity === undefined || !isInstance(features)) {
      this.instances.push(features);
      return;
    }
    // The same entity may come once with all features and once without.
    const needed = this.view.view.rules.filter(({ name }) => isMissing(features, name));
    if (needed.length === 0 || found === undefined) {
      this.#count('request');
      this.instances.push(features);
    } else if (found.source === 'unknown') {
      const indispensable = needed.find(({ required }) => required);
      if (indispensable !== undefined) throw entityNotFound(entity, indispensable.name);
      this.#count('unknown');
      this.instances.push(features);
    } else if (found.source === 'failed') {
      const hasDefaults = needed.every(({ required }) => !required);
      if (this.view.onStoreError === 'reject' || !hasDefaults) throw featuresUnavailable(entity, found.reason);
      this.#count('defaults');
      this.instances.push(features);
    } else {
      this.#count(found.source);
      this.#noteAge(found.readMs, found.features.updatedMs ?? found.readMs);
      this.instances.push(merged(features, found.features.values));
    }
  }

  #count(source: FeatureSource): void {
    this.sources.set(source, (this.sources.get(source) ?? 0) + 1);
  }

  #noteAge(readMs: number, asOfMs: number): void {
    this.readMs = Math.min(this.readMs ?? readMs, readMs);
    this.asOfMs = Math.min(this.asOfMs ?? asOfMs, asOfMs);
  }
}

function isMissing(features: Readonly<Record<string, unknown>>, name: string): boolean {
  return !Object.hasOwn(features, name) || features[name] === null;
}

/** What the caller gives wins over what is stored. */
function merged(
  given: Readonly<Record<string, unknown>>,
  stored: ReadonlyMap<string, unknown>,
): Readonly<Record<string, unknown>> {
  // Without a prototype, in which a feature called __proto__ would get lost.
  const features: Record<string, unknown> = Object.assign(Object.create(null), given);
  for (const [name, value] of stored) if (isMissing(given, name)) features[name] = value;
  return features;
}
