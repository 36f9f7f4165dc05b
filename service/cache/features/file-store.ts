import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Logger } from 'pino';
import { messageOf } from '../../../lib/spec/message-of';
import { type FeatureStore, type FeatureView, type StoredFeatures, TIMESTAMP_NAME, timestampMs } from './feature-store';
import { collectRows, type FeatureTable } from './feature-table';
import { type FeatureRow, readJsonlRows } from './jsonl-rows';
import { readParquetRows } from './parquet-rows';

/** How often a file is looked at for changes, at most. */
const CHECK_INTERVAL_MS = 1000;

interface LoadedFile {
  readonly table: FeatureTable;
  /** Size and time of change of the file that was read. */
  readonly stamp: string;
}

/** A file of features in memory, read again when it changes: the store that needs no server. */
export class FileStore implements FeatureStore {
  readonly layer = 'file';
  #loaded: Promise<LoadedFile> | undefined;
  #hasFailed = false;
  #isRenewing = false;
  /** What the log said last; undefined: the file could be read. */
  #told: string | undefined;
  #checkedMs = Number.NEGATIVE_INFINITY;

  constructor(
    /** A .jsonl or .parquet file. */
    private readonly path: string,
    private readonly joinKey: string,
    private readonly logger: Logger,
    private readonly now: () => number,
  ) {}

  async read({ rules }: FeatureView, entities: readonly string[]): Promise<readonly (StoredFeatures | undefined)[]> {
    const { table } = await this.#current();
    return entities.map((entity) => {
      const row = table.get(entity);
      if (row === undefined) return undefined;
      const values = new Map<string, unknown>();
      for (const { name } of rules) {
        const value = Object.hasOwn(row, name) ? row[name] : undefined;
        if (value !== undefined && value !== null) values.set(name, value);
      }
      return { values, updatedMs: timestampMs(row[TIMESTAMP_NAME]) };
    });
  }

  async close(): Promise<void> {}

  /** What was read last; whoever asks first waits, and whoever comes while a changed file is read gets the old one. */
  #current(): Promise<LoadedFile> {
    const nowMs = this.now();
    const isDue = nowMs - this.#checkedMs >= CHECK_INTERVAL_MS;
    if (isDue) this.#checkedMs = nowMs;
    if (this.#loaded === undefined || (isDue && this.#hasFailed)) {
      this.#hasFailed = false;
      const first = this.#load();
      this.#loaded = first;
      first.then(
        () => {
          this.#told = undefined;
        },
        (error) => {
          this.#hasFailed = true;
          this.#tell(error, 'a feature file cannot be read');
        },
      );
    } else if (isDue) void this.#renew(this.#loaded);
    return this.#loaded;
  }

  async #renew(loaded: Promise<LoadedFile>): Promise<void> {
    // A large file may take longer than it is from one look to the next.
    if (this.#isRenewing) return;
    this.#isRenewing = true;
    try {
      const isChanged = (await loaded).stamp !== (await stampOf(this.path));
      if (isChanged) this.#loaded = Promise.resolve(await this.#load());
      this.#told = undefined;
    } catch (error) {
      this.#tell(error, 'a changed feature file cannot be read, the old one is used on');
    } finally {
      this.#isRenewing = false;
    }
  }

  /** A file that stays as it is is told once, not at every look. */
  #tell(error: unknown, what: string): void {
    const reason = messageOf(error);
    if (reason !== this.#told) this.logger.warn({ file: this.path, reason }, what);
    this.#told = reason;
  }

  async #load(): Promise<LoadedFile> {
    try {
      const stamp = await stampOf(this.path);
      return { table: await collectRows(rowsOf(this.path), this.joinKey), stamp };
    } catch (error) {
      throw new Error(`${basename(this.path)} cannot be read: ${messageOf(error)}`);
    }
  }
}

function rowsOf(path: string): AsyncIterable<FeatureRow> {
  return path.endsWith('.parquet') ? readParquetRows(path) : readJsonlRows(path);
}

async function stampOf(path: string): Promise<string> {
  const { mtimeMs, size } = await stat(path);
  return `${mtimeMs} ${size}`;
}
