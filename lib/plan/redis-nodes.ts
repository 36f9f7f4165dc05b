/** Nodes of ElastiCache by rising memory in MiB (AWS: cache.t4g and cache.r7g node types). */
export const REDIS_NODES = [
  { type: 'cache.t4g.small', memoryMib: 1403 },
  { type: 'cache.t4g.medium', memoryMib: 3164 },
  { type: 'cache.r7g.large', memoryMib: 13_384 },
  { type: 'cache.r7g.xlarge', memoryMib: 26_952 },
] as const;

/** Of the memory of a node what rows may fill; the rest is for copies to replicas and for overhead. */
const USABLE_SHARE = 0.75;

/** Nodes of ElastiCache that hold all rows. */
export interface RedisNodes {
  readonly type: string;
  readonly shards: number;
}

/** Limit of a replication group. */
export const MAX_SHARDS = 500;

/**
 * The smallest nodes that hold their shards of the rows; where the largest do not, there are more shards, up to
 * {@link MAX_SHARDS}: then what is used least makes place.
 */
export function redisNodes(memoryMib: number, shards: number): RedisNodes {
  const needMib = memoryMib / USABLE_SHARE;
  const [, , , largest] = REDIS_NODES;
  const { type } = REDIS_NODES.find((node) => node.memoryMib >= needMib / shards) ?? largest;
  return { type, shards: Math.max(shards, Math.min(MAX_SHARDS, Math.ceil(needMib / largest.memoryMib))) };
}
