import type { WrittenPlan } from '../plan/written-plan';
import type { Spec } from '../spec/load';
import type { TierName } from '../spec/tiers';

/** Shape of the Redis that replicas share. */
export interface RedisDesign {
  /** Parts into which the keys are divided; more than one is cluster mode. */
  readonly shards: number;
  /** Copies of each shard in other zones, ready to take over. */
  readonly replicasPerShard: number;
  /** Type of each node. */
  readonly nodeType: string;
}

/** What a tier has. Prices and sizes are not in here: they follow from the load, see lib/plan. */
export interface TierDesign {
  /** One is enough where the loss of a zone may take the way out, since answers to requests never take it. */
  readonly natGateways: 1 | 3;
  /** Whether AWS services are reached within the VPC: a fixed price that pays off with traffic and with three NATs. */
  readonly interfaceEndpoints: boolean;
  /** Undefined where one replica's own memory is the cache; a spec that asks for Redis gets {@link SMALLEST_REDIS}. */
  readonly redis: RedisDesign | undefined;
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
export const SMALLEST_REDIS: RedisDesign = { shards: 1, replicasPerShard: 0, nodeType: 'cache.t4g.small' };

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
    redis: { shards: 1, replicasPerShard: 1, nodeType: 'cache.m7g.large' },
    frontDoor: 'api-gateway',
    edgeCache: false,
    severalRegions: false,
    systemNodes: 2,
    replicasPerNode: 3,
  },
  large: {
    natGateways: 3,
    interfaceEndpoints: true,
    redis: { shards: 3, replicasPerShard: 1, nodeType: 'cache.r7g.large' },
    frontDoor: 'api-gateway',
    edgeCache: true,
    severalRegions: false,
    systemNodes: 2,
    replicasPerNode: 3,
  },
  'very-large': {
    natGateways: 3,
    interfaceEndpoints: true,
    redis: { shards: 6, replicasPerShard: 1, nodeType: 'cache.r7g.xlarge' },
    frontDoor: 'cloudfront',
    edgeCache: false,
    severalRegions: true,
    systemNodes: 3,
    replicasPerNode: 7,
  },
};

/**
 * The Redis of a system: what its tier has, or the smallest where the spec asks for one; else undefined. The numbers of a
 * written plan go before both.
 */
export function redisDesign({ aws, tier }: Pick<Spec, 'aws' | 'tier'>, plan?: WrittenPlan): RedisDesign | undefined {
  const assumed = TIER_DESIGNS[tier.name].redis ?? (aws?.redis === undefined ? undefined : SMALLEST_REDIS);
  if (assumed === undefined) return undefined;
  const { redisNodeType: nodeType = assumed.nodeType, redisShards: shards = assumed.shards } = plan?.cache ?? {};
  return { ...assumed, nodeType, shards };
}
