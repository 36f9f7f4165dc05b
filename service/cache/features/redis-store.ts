import type { Logger } from 'pino';
import { withinBudget } from '../budget';
import { reportConnection } from '../connection-report';
import type { RedisAddress } from '../redis-address';
import { connectForData, type RedisClient } from '../redis-connection';
import { type FeatureStore, type FeatureView, type StoredFeatures, TIMESTAMP_NAME, timestampMs } from './feature-store';
import { valueOfText } from './stored-text';

const CLOSE_BUDGET_MS = 500;

/**
 * Features in Redis, laid out as Feast does: one hash for an entity, one field for a feature, all of a request read in
 * one round trip. Unlike there, names and values are text, so that anything that speaks to Redis can write them.
 */
export class RedisFeatureStore implements FeatureStore {
  readonly layer = 'redis';
  bytesRead = 0;
  readonly #client: RedisClient;

  constructor(address: RedisAddress, logger: Logger) {
    this.#client = connectForData(address, false);
    reportConnection(this.#client, { address, server: 'the feature store', logger });
  }

  async read(view: FeatureView, entities: readonly string[]): Promise<readonly (StoredFeatures | undefined)[]> {
    const fields = [TIMESTAMP_NAME, ...view.rules.map(({ name }) => name)];
    const rows = await Promise.all(
      entities.map((entity) => this.#client.hmget(featureKey(view.name, entity), ...fields)),
    );
    for (const text of rows.flat()) this.bytesRead += text === null ? 0 : Buffer.byteLength(text);
    return rows.map((row) => toFeatures(view, row));
  }

  readonly probe = (): Promise<unknown> => this.#client.ping();

  async close(): Promise<void> {
    await withinBudget(this.#client.quit(), CLOSE_BUDGET_MS).catch(() => {});
    this.#client.disconnect();
  }
}

/** The hash that holds the features of an entity. */
export function featureKey(view: string, entity: string): string {
  return `features:${view}:${entity}`;
}

function toFeatures(view: FeatureView, [timestamp, ...texts]: readonly (string | null)[]): StoredFeatures | undefined {
  const values = new Map<string, unknown>();
  for (const [index, rule] of view.rules.entries()) {
    const text = texts[index];
    const value = text === undefined || text === null ? null : valueOfText(rule.type, text);
    if (value !== null) values.set(rule.name, value);
  }
  const updatedMs = timestampMs(timestamp);
  // Redis does not tell a hash without these fields from none.
  return values.size === 0 && updatedMs === undefined ? undefined : { values, updatedMs };
}
