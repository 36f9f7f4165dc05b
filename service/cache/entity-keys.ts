import type { RedisClient } from './redis-connection';

/** How much longer the index of an entity lives than the row added last: rows live up to 10 % longer or shorter. */
const MARGIN = 1.25;

/** The sorted set that holds the keys of an entity's rows, by their end. @param entity see entityKey */
export function entityIndexKey(entity: string): string {
  return `entity:${entity}`;
}

/** Adds the key of a row, and drops those of rows whose end has come. */
export function addToEntityIndex(
  client: RedisClient,
  entity: string,
  key: string,
  nowMs: number,
  ttlMs: number,
): Promise<unknown> {
  const index = entityIndexKey(entity);
  return Promise.all([
    client.zadd(index, nowMs + ttlMs, key),
    client.zremrangebyscore(index, '-inf', nowMs),
    client.pexpire(index, Math.ceil(MARGIN * ttlMs)),
  ]);
}
