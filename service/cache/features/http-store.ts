import { isObject } from '../../../lib/spec/describe';
import { type FeatureStore, type FeatureView, type StoredFeatures, timestampMs } from './feature-store';
import { JsonClient } from './json-client';

const PROBE_TIMEOUT_MS = 1000;
/** How much longer than the budget a request may live, so that the budget is what ends the wait. */
const GRACE_MS = 10;

/** One feature of all entities asked for. */
interface FeatureColumn {
  readonly values: readonly unknown[];
  readonly statuses: readonly unknown[];
  readonly timestamps: readonly unknown[];
}

/** A server with the API of Feast's feature server. */
export class HttpFeatureStore implements FeatureStore {
  readonly layer = 'http';
  bytesRead = 0;
  readonly #client = new JsonClient();
  readonly #featuresUrl: URL;
  readonly #healthUrl: URL;
  readonly #headers: Readonly<Record<string, string>>;

  /**
   * @param url without the path of the API
   * @param token that the server asks for, if any
   */
  constructor(url: string, token?: string) {
    const base = url.replace(/\/+$/, '');
    this.#featuresUrl = new URL(`${base}/get-online-features`);
    this.#healthUrl = new URL(`${base}/health`);
    this.#headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  }

  async read(view: FeatureView, entities: readonly string[]): Promise<readonly (StoredFeatures | undefined)[]> {
    const question = JSON.stringify({
      features: view.rules.map(({ name }) => `${view.name}:${name}`),
      entities: { [view.joinKey]: entities },
    });
    const headers = { ...this.#headers, 'content-type': 'application/json' };
    const signal = AbortSignal.timeout(view.budgetMs + GRACE_MS);
    const { status, body, sizeBytes } = await this.#client.post(this.#featuresUrl, headers, question, signal);
    if (status !== 200) throw new Error(`it answers ${status}`);
    this.bytesRead += sizeBytes;
    return toFeatures(view, entities, body);
  }

  readonly probe = async (): Promise<void> => {
    const signal = AbortSignal.timeout(PROBE_TIMEOUT_MS);
    const { status } = await this.#client.get(this.#healthUrl, this.#headers, signal);
    if (status !== 200) throw new Error(`it answers ${status}`);
  };

  readonly connect = this.probe;

  async close(): Promise<void> {
    this.#client.close();
  }
}

/** Reads an answer of `/get-online-features`. @throws Error where it is something else */
function toFeatures(
  view: FeatureView,
  entities: readonly string[],
  answer: unknown,
): readonly (StoredFeatures | undefined)[] {
  const columns = columnsOf(answer, entities.length);
  const keys = columns.get(view.joinKey)?.values;
  if (keys?.some((key, index) => String(key) !== entities[index]) === true) {
    throw new Error('it answers for other entities than were asked for');
  }
  return entities.map((_, index) => entityOf(view, columns, index));
}

function columnsOf(answer: unknown, count: number): ReadonlyMap<string, FeatureColumn> {
  const metadata = isObject(answer) && isObject(answer.metadata) ? answer.metadata : {};
  const results: unknown = isObject(answer) ? answer.results : undefined;
  const names: unknown = metadata.feature_names;
  if (!Array.isArray(names) || !Array.isArray(results) || names.length !== results.length) throw notFeatures();
  return new Map(names.map((name: unknown, index) => [String(name), columnOf(results[index], count)]));
}

function columnOf(result: unknown, count: number): FeatureColumn {
  if (!isObject(result)) throw notFeatures();
  const { values, statuses, event_timestamps: timestamps } = result;
  if (!Array.isArray(values) || !Array.isArray(statuses) || values.length !== count || statuses.length !== count) {
    throw notFeatures();
  }
  return { values, statuses, timestamps: Array.isArray(timestamps) ? timestamps : [] };
}

function notFeatures(): Error {
  return new Error('it answers something else than online features');
}

function entityOf(
  { rules }: FeatureView,
  columns: ReadonlyMap<string, FeatureColumn>,
  index: number,
): StoredFeatures | undefined {
  const values = new Map<string, unknown>();
  let isKnown = false;
  let updatedMs: number | undefined;
  for (const { name } of rules) {
    const column = columns.get(name);
    if (column === undefined) throw new Error(`it leaves out the feature '${name}'`);
    const { statuses, timestamps } = column;
    if (statuses[index] !== 'NOT_FOUND') isKnown = true;
    // Neither what is null nor what has outlived its age in the store.
    if (statuses[index] !== 'PRESENT') continue;
    values.set(name, column.values[index]);
    const ms = timestampMs(timestamps[index]);
    if (ms !== undefined && ms > 0) updatedMs = Math.min(updatedMs ?? ms, ms);
  }
  return isKnown ? { values, updatedMs } : undefined;
}
