import { concatRows, sliceRows, type Tensor } from '../tensor';
import type { CachedRow, MemoryCache } from './memory-cache';

/** The outputs of all rows of a request, and where the rows came from. */
export interface Resolved {
  readonly outputs: readonly Tensor[];
  /** Rows found in the cache. */
  readonly hits: number;
  /** Rows equal to one that was already running. */
  readonly joined: number;
  /** Rows that ran for this request. */
  readonly misses: number;
}

/**
 * Runs the model on the rows with these indices, in this order; the outputs hold exactly those rows.
 * It is called at most twice for a request, the second time for rows whose first run, begun for another request, failed.
 */
export type ComputeRows = (rows: readonly number[]) => Promise<readonly Tensor[]>;

/** A run under way: its outputs, in which one row belongs to `position`. */
interface Flight {
  readonly outputs: Promise<readonly Tensor[]>;
  readonly position: number;
}

/**
 * Predictions by row. A row found in memory is not run, a row equal to one that is running waits for that run, and
 * only successes are kept.
 */
export class PredictionCache {
  readonly #memory: MemoryCache;
  readonly #flights = new Map<string, Flight>();

  constructor(memory: MemoryCache) {
    this.#memory = memory;
  }

  get sizeBytes(): number {
    return this.#memory.sizeBytes;
  }

  /**
   * @param keys one key per row, see RowKeys
   * @param batched whether the first dimension of the outputs is the rows; false: one key, whole outputs
   */
  async resolve(keys: readonly string[], batched: boolean, ttlMs: number, compute: ComputeRows): Promise<Resolved> {
    const [only] = keys;
    if (keys.length === 1 && only !== undefined) return this.#resolveOne(only, batched, ttlMs, compute);
    return this.#resolveMany(keys, ttlMs, compute);
  }

  /** The path of nearly every online request, without the bookkeeping that several rows need. */
  async #resolveOne(key: string, batched: boolean, ttlMs: number, compute: ComputeRows): Promise<Resolved> {
    const found = this.#memory.get(key);
    if (found !== undefined) return { outputs: found, hits: 1, joined: 0, misses: 0 };
    const flight = this.#flights.get(key);
    if (flight !== undefined) {
      const outputs = await joined(flight, batched);
      if (outputs !== undefined) return { outputs, hits: 0, joined: 1, misses: 0 };
      return { outputs: await compute([0]), hits: 0, joined: 0, misses: 1 };
    }
    const outputs = await this.#fly([key], batched, ttlMs, compute([0]));
    return { outputs, hits: 0, joined: 0, misses: 1 };
  }

  async #resolveMany(keys: readonly string[], ttlMs: number, compute: ComputeRows): Promise<Resolved> {
    const rows = new Array<CachedRow | undefined>(keys.length);
    const joins: { row: number; flight: Flight }[] = [];
    const misses: number[] = [];
    const positions = new Map<string, number>();
    const repeats: { row: number; position: number }[] = [];
    for (const [row, key] of keys.entries()) {
      rows[row] = this.#memory.get(key);
      if (rows[row] !== undefined) continue;
      const flight = this.#flights.get(key);
      const position = positions.get(key);
      if (flight !== undefined) joins.push({ row, flight });
      else if (position !== undefined) repeats.push({ row, position });
      else {
        positions.set(key, misses.length);
        misses.push(row);
      }
    }
    const hits = keys.length - joins.length - misses.length - repeats.length;
    const counts = { hits, joined: joins.length + repeats.length, misses: misses.length };

    const run = misses.length === 0 ? [] : await this.#fly([...positions.keys()], true, ttlMs, compute(misses));
    if (misses.length === keys.length) return { outputs: run, ...counts };
    for (const [position, row] of misses.entries()) rows[row] = rowOf(run, position);
    for (const { row, position } of repeats) rows[row] = rowOf(run, position);
    await this.#settleJoins(joins, rows, compute);
    return { outputs: assemble(rows), ...counts };
  }

  /** Waits for runs of other requests; rows whose run failed are run here, since that failure may be the other's own. */
  async #settleJoins(
    joins: readonly { row: number; flight: Flight }[],
    rows: (CachedRow | undefined)[],
    compute: ComputeRows,
  ): Promise<void> {
    const failed: number[] = [];
    for (const { row, flight } of joins) {
      rows[row] = await joined(flight, true);
      if (rows[row] === undefined) failed.push(row);
    }
    if (failed.length === 0) return;
    const outputs = await compute(failed);
    for (const [position, row] of failed.entries()) rows[row] = rowOf(outputs, position);
  }

  /** Announces a run to equal rows, and keeps its rows when it succeeds. */
  async #fly(
    keys: readonly string[],
    batched: boolean,
    ttlMs: number,
    run: Promise<readonly Tensor[]>,
  ): Promise<readonly Tensor[]> {
    for (const [position, key] of keys.entries()) this.#flights.set(key, { outputs: run, position });
    try {
      const outputs = await run;
      for (const [position, key] of keys.entries()) {
        this.#memory.set(key, detached(batched ? rowOf(outputs, position) : outputs), ttlMs);
      }
      return outputs;
    } finally {
      for (const key of keys) this.#flights.delete(key);
    }
  }
}

/** The row of a run under way, or undefined where that run fails. */
async function joined(flight: Flight, batched: boolean): Promise<CachedRow | undefined> {
  try {
    const outputs = await flight.outputs;
    return batched ? rowOf(outputs, flight.position) : outputs;
  } catch {
    return undefined;
  }
}

function rowOf(outputs: readonly Tensor[], position: number): CachedRow {
  return outputs.map((tensor) => sliceRows(tensor, position, position + 1));
}

/** A copy that does not keep the whole batch alive. */
function detached(row: CachedRow): CachedRow {
  return row.map((tensor) => ({ ...tensor, data: tensor.data.slice() }));
}

function assemble(rows: readonly (CachedRow | undefined)[]): readonly Tensor[] {
  const complete = rows.filter((row) => row !== undefined);
  const [first] = complete;
  if (first === undefined || complete.length !== rows.length) throw new Error('a row of the answer is missing');
  return first.map((_, output) => {
    return concatRows(
      complete.map((row) => {
        const tensor = row[output];
        if (tensor === undefined) throw new Error('rows of one request have different outputs');
        return tensor;
      }),
    );
  });
}
