import { cachedRowsMib } from '../plan/cache';
import type { RedisDesign } from '../plan/redis-design';
import { type RedisNodeType, redisNodes } from '../plan/redis-nodes';
import type { WrittenPlan } from '../plan/written-plan';
import type { Spec } from '../spec/load';
import type { TierName } from '../spec/tiers';

/** What a tier asks of the Redis that replicas share; how large its nodes are follows from the rows. */
export interface RedisShape {
  /** Parts into which the keys are divided, at least; more than one is cluster mode. */
  readonly shards: number;
  /** Copies of each shard in other zones, ready to take over. */
  readonly replicasPerShard: number;
  /** The cache.t4g types have a fifth of their CPU for good and the rest on credit: too little for steady traffic. */
  readonly smallestNodeType: RedisNodeType;
}

/** What a tier has. Prices and sizes are not in here: they follow from the load, see lib/plan. */
export interface TierDesign {
  /** One is enough where the loss of a zone may take the way out, since answers to requests never take it. */
  readonly natGateways: 1 | 3;
  /** Whether AWS services are reached within the VPC: a fixed price that pays off with traffic and with three NATs. */
  readonly interfaceEndpoints: boolean;
  /** Undefined where one replica's own memory is the cache; a spec that asks for Redis gets {@link SMALLEST_REDIS}. */
  readonly redis: RedisShape | undefined;
  /**
   * Who checks keys, rates and quotas. The API gateway is paid by the request; CloudFront with a firewall and the
   * service's own limits costs a fraction of it from some traffic on.
   */
  readonly frontDoor: 'api-gateway' | 'cloudfront';
  /**
   * Whether there is a second way in, through CloudFront, that gives predictions for entities again. Beside the gateway
   * and not in front of it, because what cannot be given again would be paid twice.
   */
  readonly edgeCache: boolean;
  /** Whether further regions of the spec serve the same models. */
  readonly severalRegions: boolean;
  /** Nodes that run the system's own pods: one, or enough to lose one. */
  readonly systemNodes: number;
  /** Replicas for which a node without GPU has room: larger nodes leave less unused, and take more with them. */
  readonly replicasPerNode: number;
}

/** A single node without a copy: losing it costs hits, never requests. */
const SMALLEST_REDIS: RedisShape = { shards: 1, replicasPerShard: 0, smallestNodeType: 'cache.t4g.small' };

/** What decides about a platform, by the tier of today's peak. */
export const TIER_DESIGNS: Readonly<Record<TierName, TierDesign>> = {
  small: {
    natGateways: 1,
    interfaceEndpoints: false,
    redis: undefined,
    frontDoor: 'api-gateway',
    edgeCache: false,
    severalRegions: false,
    systemNodes: 1,
    replicasPerNode: 1,
  },
  medium: {
    natGateways: 3,
    interfaceEndpoints: true,
    redis: { shards: 1, replicasPerShard: 1, smallestNodeType: 'cache.t4g.small' },
    frontDoor: 'api-gateway',
    edgeCache: false,
    severalRegions: false,
    systemNodes: 2,
    replicasPerNode: 3,
  },
  large: {
    natGateways: 3,
    interfaceEndpoints: true,
    redis: { shards: 3, replicasPerShard: 1, smallestNodeType: 'cache.r7g.large' },
    frontDoor: 'api-gateway',
    edgeCache: true,
    severalRegions: false,
    systemNodes: 2,
    replicasPerNode: 3,
  },
  'very-large': {
    natGateways: 3,
    interfaceEndpoints: true,
    redis: { shards: 6, replicasPerShard: 1, smallestNodeType: 'cache.r7g.large' },
    frontDoor: 'cloudfront',
    edgeCache: false,
    severalRegions: true,
    systemNodes: 3,
    replicasPerNode: 7,
  },
};

/**
 * The Redis of a system: of the shape that its tier has, or of the smallest where the spec asks for one, with nodes that
 * hold the rows of the grown peak; else undefined. The nodes of a written plan go before those.
 */
export function redisDesign(
  { aws, tier, models, growth }: Pick<Spec, 'aws' | 'tier' | 'models' | 'growth'>,
  plan?: WrittenPlan,
): RedisDesign | undefined {
  const shape = TIER_DESIGNS[tier.name].redis ?? (aws?.redis === undefined ? undefined : SMALLEST_REDIS);
  if (shape === undefined) return undefined;
  const { engine = 'redis', serverless = false } = aws?.redis ?? {};
  if (serverless) return { kind: 'serverless', engine };
  const { replicasPerShard } = shape;
  const needed = redisNodes(cachedRowsMib(models, growth), shape.shards, shape.smallestNodeType);
  const { redisNodeType: nodeType = needed.nodeType, redisShards: shards = needed.shards } = plan?.cache ?? {};
  return { kind: 'nodes', engine, nodeType, shards, replicasPerShard };
}
