import type { Spec, SpecModel, SpecPool } from '../spec/load';
import {
  BYTES_IN_PER_REQUEST,
  BYTES_OUT_PER_REQUEST,
  FIREWALL_RULES,
  HOURS_PER_MONTH,
  LOAD_SHARE,
} from './assumptions';
import { type CachePlan, planCache } from './cache';
import type { Figure } from './figure';
import { frontier, type Option } from './frontier';
import { MEAN_SHARE } from './horizontal';
import { type MeasuredInt8, poolInt8 } from './int8';
import type { SettingsByModel } from './model-runs';
import {
  type CostItem,
  type FrontDoor,
  frontDoorCosts,
  monthlyRequests,
  type PlatformShape,
  platformCosts,
  type RedisLoad,
  redisCosts,
  total,
} from './platform-cost';
import { type PlannedPool, planPool, poolFigures } from './pool-plan';
import type { Price, Prices } from './prices';
import type { Profile } from './profile';
import { usableProfile } from './replica';

/** What a plan is made of, besides the spec. */
export interface PlanInputs {
  readonly profiles: ReadonlyMap<string, Profile>;
  /** How runs of the models are set; default: none says. */
  readonly settings?: SettingsByModel;
  readonly prices: Prices;
  /** Factor on today's peak. */
  readonly growth: number;
  /** What the tier of the spec deploys. */
  readonly shape: PlatformShape;
  /** Share of requests answered from the cache, where it is known. */
  readonly cacheHitRatio: number | undefined;
  /** What was measured of INT8; default: nothing. */
  readonly int8?: MeasuredInt8;
}

/** The monthly bill at one factor on today's peak. */
export interface Bill {
  readonly growth: number;
  readonly requests: number;
  readonly items: readonly CostItem[];
  readonly monthly: number;
}

/** What the two front doors cost for the same requests. */
export interface FrontDoorChoice {
  /** As the tier deploys it. */
  readonly deployed: FrontDoor;
  readonly cheapest: FrontDoor;
  readonly monthly: Readonly<Record<FrontDoor, number>>;
}

/** What a spec needs, today and grown. */
export interface Plan {
  readonly spec: Spec;
  readonly growth: number;
  readonly currency: string;
  readonly region: string;
  readonly pools: readonly PlannedPool[];
  /** Ways to run each pool, by its name. */
  readonly options: ReadonlyMap<string, readonly Option[]>;
  /** Models of each pool of which INT8 was not measured, so that no way counts on it. */
  readonly int8Unknown: ReadonlyMap<string, readonly string[]>;
  readonly cache: CachePlan;
  readonly today: Bill;
  readonly grown: Bill;
  /** Undefined where the spec is not deployed on AWS. */
  readonly frontDoor: { readonly today: FrontDoorChoice; readonly grown: FrontDoorChoice } | undefined;
  readonly figures: readonly Figure[];
  /** What speaks against taking the numbers as they are. */
  readonly warnings: readonly string[];
  readonly priceSources: readonly PriceSource[];
}

/** Where some prices were read, and when. */
export interface PriceSource {
  readonly source: string;
  readonly items: readonly string[];
}

/** Region whose prices are taken for a spec that is not deployed on AWS. */
export const DEFAULT_REGION = 'us-east-1';

/**
 * Sizes every pool and adds up the bill. Replicas are counted without the cache, which may be cold or gone.
 * @throws PlanInputError for a missing price
 * @throws SloUnreachableError for an SLO that no number of replicas meets
 */
export function makePlan(spec: Spec, inputs: PlanInputs): Plan {
  const { profiles, prices, growth, shape, cacheHitRatio, int8 = new Map() } = inputs;
  const pools = spec.pools.map((pool) => planPool(pool, { ...inputs, models: spec.models }));
  const cache = planCache(spec.models, profiles, growth, cacheHitRatio);
  const cacheMonthly = total(redisCosts(shape, redisLoad(cache, 1), prices));
  const today = bill(spec, inputs, pools, cache, 1);
  const int8Of = new Map(pools.map(({ pool }) => [pool.name, poolInt8(spec.models, pool, profiles, int8)]));
  return {
    spec,
    growth,
    currency: prices.currency,
    region: prices.region,
    pools,
    options: new Map(
      pools.map((planned) => {
        const hitRatio = poolHitRatio(planned.pool, spec.models, cache);
        const share = planned.pool.peakQps / spec.peakQps;
        const ofPool = int8Of.get(planned.pool.name)?.int8;
        const inputs = { prices, hitRatio, cacheMonthly: cacheMonthly * share, int8: ofPool };
        return [planned.pool.name, frontier(planned, inputs)];
      }),
    ),
    int8Unknown: new Map([...int8Of].map(([name, { unknown }]) => [name, unknown])),
    cache,
    today,
    grown: bill(spec, inputs, pools, cache, growth),
    frontDoor:
      spec.aws === undefined
        ? undefined
        : {
            today: frontDoors(spec.peakQps, shape, prices),
            grown: frontDoors(spec.peakQps * growth, shape, prices),
          },
    figures: [
      ...pools.flatMap((pool) => [...pool.figures, ...poolFigures(pool)]),
      ...cache.figures,
      ...commonFigures(),
      ...pricesOf(today).map(priceFigure),
    ],
    warnings: pools.flatMap((pool) => machineWarnings(pool, profiles)),
    priceSources: sourcesOf(pricesOf(today)),
  };
}

function poolHitRatio(pool: SpecPool, models: readonly SpecModel[], { hitRatioByModel }: CachePlan): number {
  const served = models.filter((model) => model.pool === pool.name);
  const hits = served.reduce((sum, { name, peakQps }) => sum + peakQps * (hitRatioByModel.get(name) ?? 0), 0);
  return pool.peakQps === 0 ? 0 : hits / pool.peakQps;
}

/** A profile from another machine than the nodes: its numbers are used, and said to be of that machine. */
function machineWarnings({ pool, nodes }: PlannedPool, profiles: ReadonlyMap<string, Profile>): string[] {
  const cpus = pool.models.flatMap((model) => usableProfile(pool, profiles.get(model))?.machine.cpu ?? []);
  const { name, architecture } = nodes.type;
  return [...new Set(cpus)].map(
    (cpu) =>
      `${pool.name} was measured on ${cpu} and is planned on ${name} (${architecture}): a core of it is taken to be as fast; measure there to be sure`,
  );
}

function bill(
  spec: Spec,
  { shape, prices }: PlanInputs,
  pools: readonly PlannedPool[],
  cache: CachePlan,
  growth: number,
): Bill {
  const peakQps = spec.peakQps * growth;
  const nodes = pools.map((planned): CostItem => {
    const load = growth === 1 ? planned.today : planned.grown;
    const { type, price } = planned.nodes;
    return {
      name: `${planned.pool.name}: ${type.name}, up to ${load.nodes}`,
      units: load.monthly / price.first,
      monthly: load.monthly,
      price,
    };
  });
  // A cluster that is already there brings its own platform.
  const platform =
    spec.aws === undefined
      ? []
      : [
          ...redisCosts(shape, redisLoad(cache, growth), prices),
          ...platformCosts(shape, peakQps, prices),
          ...frontDoorCosts(shape.frontDoor, peakQps, prices),
        ];
  const items = [...nodes, ...platform];
  return { growth, requests: monthlyRequests(peakQps), items, monthly: total(items) };
}

function redisLoad({ memoryMib, todayMib, commandsQps }: CachePlan, growth: number): RedisLoad {
  return { rowsMib: growth === 1 ? todayMib : memoryMib, commandsQps: commandsQps * growth };
}

function frontDoors(peakQps: number, { frontDoor }: PlatformShape, prices: Prices): FrontDoorChoice {
  const monthly = {
    'api-gateway': total(frontDoorCosts('api-gateway', peakQps, prices)),
    cloudfront: total(frontDoorCosts('cloudfront', peakQps, prices)),
  };
  const cheapest = monthly.cloudfront < monthly['api-gateway'] ? 'cloudfront' : 'api-gateway';
  return { deployed: frontDoor, cheapest, monthly };
}

function commonFigures(): Figure[] {
  const assumed = (name: string, value: number, unit: string, detail: string): Figure => ({
    name,
    value,
    unit,
    source: 'assumed',
    detail,
  });
  return [
    assumed(
      'load of a replica at the peak',
      LOAD_SHARE * 100,
      '% of its capacity',
      'room for randomness and a lost replica',
    ),
    assumed('mean of a day', MEAN_SHARE * 100, '% of its peak', 'the diurnal shape of headroom simulate'),
    assumed('a month', HOURS_PER_MONTH, 'h', '365/12 days'),
    assumed('a request', BYTES_IN_PER_REQUEST, 'B', 'small rows'),
    assumed('an answer', BYTES_OUT_PER_REQUEST, 'B', 'small rows'),
    assumed('rules of the firewall', FIREWALL_RULES, '', 'managed groups count as one'),
  ];
}

/** Every price of the bill, once. */
function pricesOf({ items }: Bill): Price[] {
  return [...new Map(items.map(({ price }) => [price.item, price])).values()];
}

function priceFigure({ item, first, unit, date, region }: Price): Figure {
  return {
    name: `price of ${item}`,
    value: first,
    unit: `per ${unit}`,
    source: 'price list',
    detail: `${region === '*' ? 'all regions' : region}, ${date}`,
  };
}

/** Where the prices were read, each source once. */
function sourcesOf(prices: readonly Price[]): PriceSource[] {
  const items = new Map<string, string[]>();
  for (const { source, date, item } of prices) {
    const dated = `${date}: ${source}`;
    items.set(dated, [...(items.get(dated) ?? []), item]);
  }
  return [...items].map(([source, list]) => ({ source, items: list }));
}
