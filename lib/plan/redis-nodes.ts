/** Nodes of ElastiCache by rising memory in MiB (AWS: cache.t4g and cache.r7g node types). */
export const REDIS_NODES = [
  { type: 'cache.t4g.small', memoryMib: 1403 },
  { type: 'cache.t4g.medium', memoryMib: 3164 },
  { type: 'cache.r7g.large', memoryMib: 13_384 },
  { type: 'cache.r7g.xlarge', memoryMib: 26_952 },
] as const;

/** Type of a node that has a price and a memory here. */
export type RedisNodeType = (typeof REDIS_NODES)[number]['type'];

/** Of the memory of a node what rows may fill; the rest is for copies to replicas and for overhead. */
const USABLE_SHARE = 0.75;

/** Nodes of ElastiCache among which the rows are divided. */
export interface ShardNodes {
  /** Type of each node. */
  readonly nodeType: string;
  /** Parts into which the keys are divided; more than one is cluster mode. */
  readonly shards: number;
}

/** Limit of a replication group. */
export const MAX_SHARDS = 500;

/**
 * The smallest nodes, from a type on, that hold their shards of the rows; where the largest do not, there are more
 * shards, up to {@link MAX_SHARDS}: then what is used least makes place.
 */
export function redisNodes(memoryMib: number, shards: number, smallestType: RedisNodeType): ShardNodes {
  const needMib = memoryMib / USABLE_SHARE;
  const [, , , largest] = REDIS_NODES;
  const allowed = REDIS_NODES.slice(REDIS_NODES.findIndex(({ type }) => type === smallestType));
  const { type } = allowed.find((node) => node.memoryMib >= needMib / shards) ?? largest;
  return { nodeType: type, shards: Math.max(shards, Math.min(MAX_SHARDS, Math.ceil(needMib / largest.memoryMib))) };
}
