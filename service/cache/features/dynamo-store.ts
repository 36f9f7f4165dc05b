import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { AwsV4Signer } from 'aws4fetch';
import { isObject } from '../../../lib/spec/describe';
import type { AwsCredentials } from '../../aws-credentials';
import { decodeAttribute } from './dynamo-attributes';
import { type FeatureStore, type FeatureView, type StoredFeatures, TIMESTAMP_NAME, timestampMs } from './feature-store';
import { type JsonAnswer, JsonClient } from './json-client';

/** The partition key, a text; the table has no sort key. */
export const KEY_NAME = 'entity';

const PROBE_TIMEOUT_MS = 1000;
/** What DynamoDB reads in one request. */
const MAX_KEYS_PER_READ = 100;
/** How much longer than the budget a request may live, so that the budget is what ends the wait. */
const GRACE_MS = 10;
/** What is left unread is asked for again after this long, then after twice as long, and so on. */
const FIRST_RETRY_MS = 2;

/** Errors that end by themselves; DynamoDB answers them with status 400. */
const TRANSIENT = new Set([
  'ProvisionedThroughputExceededException',
  'ThrottlingException',
  'RequestLimitExceeded',
  'ReplicatedWriteConflictException',
]);

export interface DynamoTable {
  readonly table: string;
  readonly region: string;
  /** Address of another server of DynamoDB; undefined: that of AWS in the region. */
  readonly endpoint: string | undefined;
}

type Item = Readonly<Record<string, unknown>>;

/** Features in a table of DynamoDB: an item for an entity of a view, an attribute for a feature. */
export class DynamoFeatureStore implements FeatureStore {
  readonly layer = 'dynamodb';
  bytesRead = 0;
  readonly #client = new JsonClient();
  readonly #url: URL;

  constructor(
    private readonly table: DynamoTable,
    private readonly credentials: AwsCredentials,
  ) {
    this.#url = new URL(table.endpoint ?? endpointOf(table.region));
  }

  async read(view: FeatureView, entities: readonly string[]): Promise<readonly (StoredFeatures | undefined)[]> {
    const keys = entities.map((entity) => itemKey(view.name, entity));
    const names = [...view.rules.map(({ name }) => name), TIMESTAMP_NAME];
    const chunks = Array.from({ length: Math.ceil(keys.length / MAX_KEYS_PER_READ) }, (_, index) =>
      keys.slice(index * MAX_KEYS_PER_READ, (index + 1) * MAX_KEYS_PER_READ),
    );
    const untilMs = performance.now() + view.budgetMs + GRACE_MS;
    const parts = await Promise.all(chunks.map((chunk) => this.#readAll(chunk, names, untilMs)));
    const items = new Map(parts.flat().map((item) => [decodeAttribute(item[KEY_NAME]), item]));
    return keys.map((key) => {
      const item = items.get(key);
      return item === undefined ? undefined : toFeatures(view, item);
    });
  }

  /** An item that nobody has: it needs no right beyond that of reading, and tells of a table that is not there. */
  readonly probe = async (): Promise<void> => {
    await this.#readAll(['probe'], [], performance.now() + PROBE_TIMEOUT_MS);
  };

  readonly connect = this.probe;

  async close(): Promise<void> {
    this.#client.close();
  }

  /** Asks until nothing is left unread. @throws Error once that is impossible, or the time is over */
  async #readAll(keys: readonly string[], names: readonly string[], untilMs: number): Promise<Item[]> {
    const found: Item[] = [];
    let asked: unknown = this.#request(keys, names);
    for (let retryMs = FIRST_RETRY_MS; ; retryMs *= 2) {
      const { status, body, sizeBytes } = await this.#send({ RequestItems: asked }, untilMs);
      if (status === 200) {
        this.bytesRead += sizeBytes;
        const { items, unread } = readAnswer(body, this.table.table);
        found.push(...items);
        if (unread === undefined) return found;
        asked = unread;
      } else if (!isTransient(status, body)) {
        throw new Error(`it answers ${status} (${errorOf(body)})`);
      }
      const waitMs = retryMs + randomInt(retryMs + 1);
      if (performance.now() + waitMs >= untilMs) {
        throw new Error(status === 200 ? 'it leaves items unread' : `it answers ${status} (${errorOf(body)})`);
      }
      await delay(waitMs);
    }
  }

  /** Names stand in a table of their own, since many are reserved words of expressions. */
  #request(keys: readonly string[], names: readonly string[]): unknown {
    const attributes = Object.fromEntries([KEY_NAME, ...names].map((name, index) => [`#${index}`, name]));
    return {
      [this.table.table]: {
        Keys: keys.map((key) => ({ [KEY_NAME]: { S: key } })),
        ProjectionExpression: Object.keys(attributes).join(),
        ExpressionAttributeNames: attributes,
      },
    };
  }

  async #send(request: unknown, untilMs: number): Promise<JsonAnswer> {
    const { accessKeyId, secretAccessKey, sessionToken } = await this.credentials();
    const body = JSON.stringify(request);
    const signer = new AwsV4Signer({
      method: 'POST',
      url: this.#url.href,
      headers: { 'x-amz-target': 'DynamoDB_20120810.BatchGetItem' },
      body,
      accessKeyId,
      secretAccessKey,
      ...(sessionToken === undefined ? {} : { sessionToken }),
      service: 'dynamodb',
      region: this.table.region,
    });
    const { headers } = await signer.sign();
    const timeoutMs = Math.max(1, Math.ceil(untilMs - performance.now()));
    const all = { ...Object.fromEntries(headers), 'content-type': 'application/x-amz-json-1.0' };
    return this.#client.post(this.#url, all, body, AbortSignal.timeout(timeoutMs));
  }
}

/** The partition key of the item that holds the features of an entity. */
export function itemKey(view: string, entity: string): string {
  return `${view}:${entity}`;
}

function endpointOf(region: string): string {
  return `https://dynamodb.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
}

/** @throws Error where the answer is something else */
function readAnswer(body: unknown, table: string): { items: Item[]; unread: unknown } {
  const responses = isObject(body) && isObject(body.Responses) ? body.Responses[table] : undefined;
  const items: unknown[] | undefined = Array.isArray(responses) ? responses : undefined;
  if (!isObject(body) || items === undefined || !items.every(isObject)) {
    throw new Error('it answers something else than items');
  }
  const unread = isObject(body.UnprocessedKeys) && Object.keys(body.UnprocessedKeys).length > 0;
  return { items, unread: unread ? body.UnprocessedKeys : undefined };
}

function isTransient(status: number, body: unknown): boolean {
  return status >= 500 || TRANSIENT.has(errorOf(body));
}

/** `com.amazonaws.dynamodb.v20120810#ResourceNotFoundException` → its last part. */
function errorOf(body: unknown): string {
  const type = isObject(body) && typeof body.__type === 'string' ? body.__type : '';
  return type.slice(type.indexOf('#') + 1);
}

function toFeatures({ rules }: FeatureView, item: Item): StoredFeatures {
  const values = new Map<string, unknown>();
  for (const { name } of rules) {
    const value = Object.hasOwn(item, name) ? decodeAttribute(item[name]) : null;
    if (value !== null) values.set(name, value);
  }
  return { values, updatedMs: timestampMs(decodeAttribute(item[TIMESTAMP_NAME])) };
}
