import { beforeEach, describe, expect, test } from '@jest/globals';
import { FeatureReader } from '../../../../service/cache/features/feature-reader';
import type { FeatureStore, StoredFeatures } from '../../../../service/cache/features/feature-store';
import { NearCache } from '../../../../service/cache/features/near-cache';
import { CacheLayerMetrics } from '../../../../service/telemetry/cache-metrics';
import { guarded, USER } from './views';

/** A store in this process whose answers wait until they are let go, where it is told so. */
class HeldStore implements FeatureStore {
  readonly layer = 'file';
  readonly rows = new Map<string, Map<string, unknown>>();
  readonly asked: string[] = [];
  isBroken = false;
  gate: Promise<void> = Promise.resolve();

  async read(_view: unknown, entities: readonly string[]): Promise<(StoredFeatures | undefined)[]> {
    this.asked.push(...entities);
    const found = entities.map((entity) => this.rows.get(entity));
    await this.gate;
    if (this.isBroken) throw new Error('broken');
    return found.map((values) => values && { values, updatedMs: undefined });
  }

  async close(): Promise<void> {}
}

describe('features near the model', () => {
  let store: HeldStore;
  let nowMs: number;
  let metrics: CacheLayerMetrics;
  let reader: FeatureReader;

  beforeEach(() => {
    store = new HeldStore();
    store.rows.set('a', new Map([['age', 1]])).set('b', new Map([['age', 2]]));
    nowMs = 0;
    metrics = new CacheLayerMetrics();
    reader = new FeatureReader({
      view: USER,
      lives: { ttlMs: 100, unknownTtlMs: 10, staleMs: 1000 },
      store: guarded(store).store,
      near: new NearCache(),
      metrics,
      prefix: 'model/0/',
      now: () => nowMs,
      random: () => 0.5,
    });
  });

  const sourcesOf = async (...entities: string[]) => (await reader.read(entities)).map(({ source }) => source);

  test('an entity is read once for its time to live', async () => {
    const sources = [await sourcesOf('a', 'b'), await sourcesOf('b', 'a')];
    nowMs = 100;
    sources.push(await sourcesOf('a'));
    expect([sources, store.asked]).toEqual([
      [['fetched', 'fetched'], ['cached', 'cached'], ['fetched']],
      ['a', 'b', 'a'],
    ]);
  });

  test('an entity on its way is not asked for again', async () => {
    await Promise.all([sourcesOf('a'), sourcesOf('a', 'b'), sourcesOf('b')]);
    expect(store.asked).toEqual(['a', 'b']);
  });

  test('that an entity is unknown is remembered for a while', async () => {
    expect([await sourcesOf('x'), await sourcesOf('x')]).toEqual([['unknown'], ['unknown']]);
    expect(store.asked).toEqual(['x']);
    nowMs = 10;
    store.rows.set('x', new Map());
    expect(await sourcesOf('x')).toEqual(['fetched']);
  });

  test('while the store fails, features are used beyond their time', async () => {
    await reader.read(['a']);
    store.isBroken = true;
    nowMs = 1099;
    expect([await sourcesOf('a', 'b'), metrics.lookups.stale]).toEqual([['stale', 'failed'], 1]);
  });

  test('features are not used beyond that', async () => {
    await reader.read(['a']);
    store.isBroken = true;
    nowMs = 1100;
    expect(await sourcesOf('a')).toEqual(['failed']);
  });

  test('a failure is not remembered', async () => {
    store.isBroken = true;
    await reader.read(['a']);
    store.isBroken = false;
    expect(await sourcesOf('a')).toEqual(['fetched']);
  });

  test('a forgotten entity is read again, others are not', async () => {
    await reader.read(['a', 'b']);
    reader.forget('a');
    expect(await sourcesOf('a', 'b')).toEqual(['fetched', 'cached']);
  });

  test('what was on its way when its entity was forgotten is not kept', async () => {
    let letGo = () => {};
    store.gate = new Promise((resolve) => {
      letGo = resolve;
    });
    const early = reader.read(['a']);
    reader.forget('a');
    letGo();
    await early;
    expect(await sourcesOf('a')).toEqual(['fetched']);
  });

  test('what was on its way when its entity was forgotten is not joined', async () => {
    // GIVEN a read that has begun
    let letGo = () => {};
    store.gate = new Promise((resolve) => {
      letGo = resolve;
    });
    const early = reader.read(['a']);
    // WHEN the entity changes and is forgotten meanwhile
    store.rows.set('a', new Map([['age', 99]]));
    reader.forget('a');
    const late = reader.read(['a']);
    letGo();
    await early;
    // THEN whoever asks afterwards gets the new features, at once and later
    const ages = [...(await late), ...(await reader.read(['a']))].map((found) =>
      'features' in found ? found.features.values.get('age') : found.source,
    );
    expect(ages).toEqual([99, 99]);
  });
});
