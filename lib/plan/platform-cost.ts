import {
  BYTES_IN_PER_REQUEST,
  BYTES_OUT_PER_REQUEST,
  FIREWALL_RULES,
  HOURS_PER_MONTH,
  SYSTEM_NODE_TYPE,
} from './assumptions';
import { MEAN_SHARE } from './horizontal';
import type { Price, PriceItem, Prices } from './prices';
import { type RedisDesign, SERVERLESS_MAX_GB, SERVERLESS_MIN_GB, type ServerlessRedis } from './redis-design';

/** Ways in: who checks keys, rates and quotas. */
export type FrontDoor = 'api-gateway' | 'cloudfront';

/** What a tier deploys besides the pools. */
export interface PlatformShape {
  readonly natGateways: number;
  readonly interfaceEndpoints: boolean;
  readonly redis: RedisDesign | undefined;
  readonly frontDoor: FrontDoor;
  readonly systemNodes: number;
}

/** One line of the monthly bill. */
export interface CostItem {
  readonly name: string;
  /** Units of the price in a month. */
  readonly units: number;
  readonly monthly: number;
  readonly price: Price;
}

/** AWS services that are reached within the VPC, each in three zones. */
const INTERFACE_ENDPOINTS = 9;
const ZONES = 3;
const GB = 1e9;

/** Requests of a month of days whose busiest moment is the peak. */
export function monthlyRequests(peakQps: number): number {
  return peakQps * MEAN_SHARE * 3600 * HOURS_PER_MONTH;
}

/** What runs whatever the traffic is, and the load balancer. */
export function platformCosts(shape: PlatformShape, peakQps: number, prices: Prices): CostItem[] {
  const items = [
    item('EKS control plane', 'eks/cluster', HOURS_PER_MONTH, prices),
    item(`${shape.systemNodes} system nodes`, `ec2/${SYSTEM_NODE_TYPE}`, shape.systemNodes * HOURS_PER_MONTH, prices),
    item(`${shape.natGateways} NAT gateways`, 'nat-gateway', shape.natGateways * HOURS_PER_MONTH, prices),
  ];
  if (shape.interfaceEndpoints) {
    const count = INTERFACE_ENDPOINTS * ZONES;
    items.push(item(`${count} interface endpoints`, 'interface-endpoint', count * HOURS_PER_MONTH, prices));
  }
  // With connections that are kept, bytes are what a load balancer counts most of: one unit is 1 GB an hour.
  const gb = (monthlyRequests(peakQps) * (BYTES_IN_PER_REQUEST + BYTES_OUT_PER_REQUEST)) / GB;
  items.push(item('load balancer', 'load-balancer', HOURS_PER_MONTH, prices));
  items.push(item('load balancer capacity', 'load-balancer/lcu', gb, prices));
  return items;
}

/** What replicas keep in the Redis that they share, and ask of it. */
export interface RedisLoad {
  readonly rowsMib: number;
  /** Commands a second at the peak. */
  readonly commandsQps: number;
}

/** The Redis that replicas share, as it is deployed; empty where there is none. */
export function redisCosts({ redis }: PlatformShape, load: RedisLoad, prices: Prices): CostItem[] {
  if (redis === undefined) return [];
  if (redis.kind === 'serverless') return serverlessCosts(redis, load, prices);
  const { engine, nodeType, shards, replicasPerShard } = redis;
  const nodes = shards * (1 + replicasPerShard);
  const priced: PriceItem = engine === 'redis' ? `elasticache/${nodeType}` : `elasticache/valkey/${nodeType}`;
  return [item(`${nodes} nodes of ${ENGINE_NAMES[engine]}: ${nodeType}`, priced, nodes * HOURS_PER_MONTH, prices)];
}

/** A command moves less than the kilobyte (1,000 bytes) for which the smallest unit, one ECPU, is paid. */
function serverlessCosts({ engine }: ServerlessRedis, { rowsMib, commandsQps }: RedisLoad, prices: Prices): CostItem[] {
  const gb = Math.min(SERVERLESS_MAX_GB, Math.max(SERVERLESS_MIN_GB[engine], (rowsMib * 2 ** 20) / GB));
  const millions = monthlyRequests(commandsQps) / 1e6;
  const name = `serverless ${ENGINE_NAMES[engine]}`;
  return [
    item(`${name}: storage`, `elasticache/serverless-${engine}/storage`, gb * HOURS_PER_MONTH, prices),
    item(`${name}: commands`, `elasticache/serverless-${engine}/ecpus`, millions, prices),
  ];
}

const ENGINE_NAMES = { redis: 'Redis', valkey: 'Valkey' } as const;

/** The bill of a front door with its firewall and what leaves through it. */
export function frontDoorCosts(frontDoor: FrontDoor, peakQps: number, prices: Prices): CostItem[] {
  const millions = monthlyRequests(peakQps) / 1e6;
  const gbOut = (monthlyRequests(peakQps) * BYTES_OUT_PER_REQUEST) / GB;
  const [requests, traffic]: [PriceItem, PriceItem] =
    frontDoor === 'api-gateway'
      ? ['api-gateway/requests', 'transfer-out']
      : ['cloudfront/requests', 'cloudfront/traffic'];
  const name = FRONT_DOOR_NAMES[frontDoor];
  return [
    item(`${name}: requests`, requests, millions, prices),
    item(`${name}: traffic out`, traffic, gbOut, prices),
    item('firewall', 'waf/acl', 1, prices),
    item(`${FIREWALL_RULES} firewall rules`, 'waf/rule', FIREWALL_RULES, prices),
    item('firewall: requests', 'waf/requests', millions, prices),
  ];
}

/** As they are called in reports. */
export const FRONT_DOOR_NAMES: Readonly<Record<FrontDoor, string>> = {
  'api-gateway': 'API gateway',
  cloudfront: 'CloudFront',
};

/** Sum of a bill. */
export function total(items: readonly CostItem[]): number {
  return items.reduce((sum, { monthly }) => sum + monthly, 0);
}

function item(name: string, priced: PriceItem, units: number, prices: Prices): CostItem {
  const price = prices.get(priced);
  return { name, units, monthly: price.costOf(units), price };
}
