import type { CacheLayerMetrics } from '../telemetry/cache-metrics';
import type { Tensor } from '../tensor';
import type { CachedModel } from './cached-model';
import { jitteredTtlMs } from './expiry';
import type { Flight } from './flight';
import type { KeptRow } from './kept-row';
import { entityKey, type MemoryCache } from './memory-cache';
import type { RowRequest } from './row-request';
import { assemble, detached, rowOf } from './rows';
import type { SharedRows } from './shared-rows';

/** Rows that fly together: those of one request that are neither in memory nor on their way already. */
interface Trip {
  readonly model: CachedModel;
  readonly request: RowRequest;
  readonly keys: readonly string[];
  /** Their indices in the request. */
  readonly rows: readonly number[];
  /** Where the rows are looked up and kept beside memory. */
  readonly shared: SharedRows | undefined;
  /** By position; what was found in the shared cache. */
  found: readonly (KeptRow | undefined)[];
  runMs: number;
  /** Called when the rows are kept, or have failed. */
  onEnd: () => void;
}

/** Rows on their way: fetched from the shared cache or run, each once at a time in this process, then kept. */
export class Flights {
  readonly #byKey = new Map<string, Flight>();

  constructor(
    private readonly memory: MemoryCache,
    private readonly shared: SharedRows | undefined,
    /** Of memory. */
    private readonly metrics: CacheLayerMetrics,
    private readonly now: () => number,
    private readonly random: () => number,
  ) {}

  has(key: string): boolean {
    return this.#byKey.has(key);
  }

  /** The flight of an equal row that was not overtaken by an invalidation. */
  joinable(model: CachedModel, key: string): Flight | undefined {
    const flight = this.#byKey.get(key);
    return flight?.epoch === model.epoch.value ? flight : undefined;
  }

  /** Lets nobody join a row any more, nor keeps it. Whoever waits still gets it: it was current when they asked. */
  divert(key: string): void {
    const flight = this.#byKey.get(key);
    if (flight === undefined) return;
    flight.isInvalidated = true;
    this.#byKey.delete(key);
  }

  divertEntity(entity: string): void {
    for (const [key, flight] of this.#byKey) if (flight.entity === entity) this.divert(key);
  }

  /**
   * Announces rows to equal ones, fetches or runs them, and keeps them when that succeeds.
   *
   * @param keys of the rows with the indices `rows` in the request
   * @returns also how many rows were found in the shared cache
   */
  async fly(
    model: CachedModel,
    request: RowRequest,
    keys: readonly string[],
    rows: readonly number[],
  ): Promise<{ outputs: readonly Tensor[]; found: number }> {
    const trip = this.#plan(model, request, keys, rows);
    const outputs = await this.#follow(trip, trip.shared === undefined ? this.#run(trip, rows) : this.#fetch(trip));
    let found = 0;
    for (const kept of trip.found) if (kept !== undefined) found++;
    return { outputs, found };
  }

  /** Runs a row again behind the answer. Where that fails, the kept row lives on to its end. */
  renew(model: CachedModel, request: RowRequest, key: string, row: number): void {
    const trip = this.#plan(model, request, [key], [row]);
    this.#follow(trip, this.#run(trip, trip.rows)).catch(() => {});
  }

  #plan(model: CachedModel, request: RowRequest, keys: readonly string[], rows: readonly number[]): Trip {
    const shared = this.#sharedFor(model, rows.length);
    return { model, request, keys, rows, shared, found: [], runMs: 0, onEnd: () => {} };
  }

  /** From the departure of the rows to their keeping. */
  async #follow(trip: Trip, arrival: Promise<readonly Tensor[]>): Promise<readonly Tensor[]> {
    const flights: Flight[] = [];
    for (let position = 0; position < trip.keys.length; position++) flights.push(this.#depart(trip, arrival, position));
    try {
      const outputs = await arrival;
      for (const flight of flights) {
        if (!flight.isInvalidated && flight.epoch === trip.model.epoch.value) this.#keep(trip, flight, outputs);
      }
      return outputs;
    } finally {
      trip.onEnd();
      for (const flight of flights) if (this.#byKey.get(flight.key) === flight) this.#byKey.delete(flight.key);
    }
  }

  #depart({ model, request, keys, rows }: Trip, outputs: Promise<readonly Tensor[]>, position: number): Flight {
    const entity = request.entities?.[rows[position] ?? 0];
    const flight: Flight = {
      key: keys[position] ?? '',
      outputs,
      position,
      epoch: model.epoch.value,
      entity: entity === undefined ? undefined : entityKey(model.name, entity),
      isInvalidated: false,
    };
    this.#byKey.set(flight.key, flight);
    return flight;
  }

  #keep(trip: Trip, { key, position, epoch, entity }: Flight, outputs: readonly Tensor[]): void {
    const { model, request, shared, runMs } = trip;
    const found = trip.found[position];
    this.metrics.writes.written++;
    if (found !== undefined) {
      this.memory.set(key, { row: found.row, expiresMs: found.expiresMs, runMs: found.runMs, epoch, entity });
      return;
    }
    const row = detached(request.batched ? rowOf(outputs, position) : outputs);
    const expiresMs = this.now() + jitteredTtlMs(model.ttlMs, this.random());
    this.memory.set(key, { row, expiresMs, runMs, epoch, entity });
    shared?.write(model.keyPrefix + key, { row, expiresMs, runMs }, entity);
  }

  /** Undefined while the shared cache fails, or never hits for this model. */
  #sharedFor(model: CachedModel, rows: number): SharedRows | undefined {
    if (this.shared === undefined) return undefined;
    if (this.shared.isAvailable && model.takesPartInShared(rows, this.now())) return this.shared;
    this.shared.skip(rows);
    return undefined;
  }

  async #run(trip: Trip, rows: readonly number[]): Promise<readonly Tensor[]> {
    const fromMs = this.now();
    const outputs = await trip.request.compute(rows);
    trip.runMs = this.now() - fromMs;
    trip.model.observeRun(trip.runMs);
    return outputs;
  }

  /** What the shared cache holds, and runs of the rest. */
  async #fetch(trip: Trip): Promise<readonly Tensor[]> {
    const { model, keys, rows, shared } = trip;
    if (shared === undefined) return this.#run(trip, rows);
    trip.found = await shared.read(keys.map((key) => model.keyPrefix + key));
    const missing: number[] = [];
    for (let position = 0; position < keys.length; position++) {
      if (trip.found[position] === undefined) missing.push(position);
    }
    model.sharedBypass.record(keys.length, keys.length - missing.length, this.now());
    if (missing.length === 0) return assemble(trip.found.map((kept) => kept?.row));
    const [only] = keys;
    if (keys.length === 1 && only !== undefined && model.isExpensive) return this.#runOnceForAll(trip, shared, only);
    if (missing.length === keys.length) return this.#run(trip, rows);
    const outputs = await this.#run(
      trip,
      missing.map((position) => rows[position] ?? 0),
    );
    const all = trip.found.map((kept) => kept?.row);
    for (const [i, position] of missing.entries()) all[position] = rowOf(outputs, i);
    return assemble(all);
  }

  /**
   * Of all replicas that miss the same row of an expensive model, one runs it and the others wait for its result. Only
   * single rows: those of a batch would each wait for another replica, and expensive models mostly get single ones.
   */
  async #runOnceForAll(trip: Trip, shared: SharedRows, rowKey: string): Promise<readonly Tensor[]> {
    const key = trip.model.keyPrefix + rowKey;
    const claim = await shared.claim(key, trip.model.runMs);
    if (claim.found !== undefined) {
      trip.found = [claim.found];
      return claim.found.row;
    }
    // Others that see the claim end must find the row.
    trip.onEnd = claim.release;
    return this.#run(trip, trip.rows);
  }
}
