import type { SpecModel } from '../spec/load';
import { DEFAULT_CACHE_TTL_SECONDS } from '../spec/schema';
import { ASSUMED_POPULARITY, CACHED_ROW_BYTES } from './assumptions';
import type { Figure } from './figure';
import { type Profile, profileFile } from './profile';

/** How often entities are asked for: the i-th of `entities` in proportion to i^-exponent (Zipf). */
export interface Popularity {
  readonly entities: number;
  readonly exponent: number;
}

/** What a cache whose entries live for a fixed time holds and answers. */
export interface TtlCache {
  /** Share of requests that it answers. */
  readonly hitRatio: number;
  /** Mean number of entries that are alive. */
  readonly entries: number;
}

/**
 * A cache with room for all and a time to live T that begins when an entry is filled. An entity asked for at the rate λ
 * at random is present for the share λT/(1 + λT) of the time, which is also the share of its requests that are hits
 * (renewal argument; Jung, Berger, Balakrishnan: Modeling TTL-based Internet Caches, INFOCOM 2003).
 */
export function ttlCache(qps: number, ttlSeconds: number, popularity: Popularity): TtlCache {
  const groups = popularityGroups(popularity);
  const total = groups.reduce((sum, { count, weight }) => sum + count * weight, 0);
  let hitRatio = 0;
  let entries = 0;
  for (const { count, weight } of groups) {
    const share = weight / total;
    const requests = qps * share * ttlSeconds;
    const present = requests / (1 + requests);
    entries += count * present;
    hitRatio += count * share * present;
  }
  return { hitRatio, entries };
}

/** Ranks up to which each entity is looked at by itself; beyond, neighbours within a hundredth are taken as equal. */
const SINGLE_RANKS = 100;
const GROUP_WIDTH = 0.01;

/** Entities of about the same weight, so that a million costs no more than a thousand. */
function popularityGroups({ entities, exponent }: Popularity): { count: number; weight: number }[] {
  const groups: { count: number; weight: number }[] = [];
  for (let rank = 1; rank <= entities; ) {
    const width = rank <= SINGLE_RANKS ? 1 : Math.floor(rank * GROUP_WIDTH);
    const count = Math.min(width, entities - rank + 1);
    groups.push({ count, weight: (rank + (count - 1) / 2) ** -exponent });
    rank += count;
  }
  return groups;
}

/** The prediction cache of a whole system. */
export interface CachePlan {
  /** Share of all requests expected to be answered by it. */
  readonly hitRatio: number;
  readonly hitRatioByModel: ReadonlyMap<string, number>;
  /** Memory for the rows that are alive at the grown peak. */
  readonly memoryMib: number;
  /** The same at today's. */
  readonly todayMib: number;
  /**
   * Commands a second to a Redis that replicas share, at today's peak: a read for each row, and a write for each that
   * was not there. At most: what a replica finds in its own memory it does not ask for.
   */
  readonly commandsQps: number;
  readonly figures: readonly Figure[];
}

/** Memory for the rows that are alive at so many times today's peak. */
export function cachedRowsMib(models: readonly SpecModel[], growth: number): number {
  const rows = cachedModels(models).reduce((sum, model) => sum + expectedCache(model, growth).entries, 0);
  return Math.ceil((rows * CACHED_ROW_BYTES) / 2 ** 20);
}

function cachedModels(models: readonly SpecModel[]): SpecModel[] {
  return models.filter(({ peakQps, cache }) => peakQps > 0 && cache?.enabled !== false);
}

function expectedCache(model: SpecModel, growth: number): TtlCache {
  return ttlCache(model.peakQps * growth, ttlSecondsOf(model), ASSUMED_POPULARITY);
}

function ttlSecondsOf({ cache }: SpecModel): number {
  return cache?.ttlSeconds ?? DEFAULT_CACHE_TTL_SECONDS;
}

/** The cache: hits at today's peak, memory at the grown one. Models whose spec switches it off have none. */
export function planCache(
  models: readonly SpecModel[],
  profiles: ReadonlyMap<string, Profile>,
  growth: number,
  given: number | undefined,
): CachePlan {
  const total = models.reduce((sum, { peakQps }) => sum + peakQps, 0);
  const parts = cachedModels(models).map((model) => {
    const measured = profiles.get(model.name)?.cacheHitRatio || undefined;
    const hitRatio = given ?? measured ?? expectedCache(model, 1).hitRatio;
    const figure: Figure = {
      name: `${model.name}: share of requests answered from the cache`,
      value: hitRatio * 100,
      unit: '%',
      ...hitRatioSource(given, measured, model.name, ttlSecondsOf(model)),
    };
    return { model, hitRatio, figure };
  });
  return {
    hitRatio: total === 0 ? 0 : parts.reduce((sum, { model, hitRatio }) => sum + model.peakQps * hitRatio, 0) / total,
    hitRatioByModel: new Map(parts.map(({ model, hitRatio }) => [model.name, hitRatio])),
    memoryMib: cachedRowsMib(models, growth),
    todayMib: cachedRowsMib(models, 1),
    commandsQps: parts.reduce((sum, { model, hitRatio }) => sum + model.peakQps * (2 - hitRatio), 0),
    figures: [
      ...parts.map(({ figure }) => figure),
      { name: 'bytes of a cached row', value: CACHED_ROW_BYTES, unit: 'B', source: 'assumed', detail: 'small rows' },
    ],
  };
}

function hitRatioSource(
  given: number | undefined,
  measured: number | undefined,
  model: string,
  ttlSeconds: number,
): Pick<Figure, 'source' | 'detail'> {
  if (given !== undefined) return { source: 'given', detail: 'by flag' };
  if (measured !== undefined) return { source: 'measured', detail: profileFile(model) };
  const { entities, exponent } = ASSUMED_POPULARITY;
  return {
    source: 'assumed',
    detail: `${entities.toLocaleString('en-US')} entities, Zipf ${exponent}, kept for ${ttlSeconds} s`,
  };
}
