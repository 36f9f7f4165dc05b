import { LRUCache } from 'lru-cache';
import type { Tensor, TensorData } from '../tensor';

/** The outputs of one row, in the order in which they were requested; each tensor has a first dimension of 1. */
export type CachedRow = readonly Tensor[];

/** What an entry costs beside its data: key, list links and objects, as measured with a million entries. */
const ENTRY_OVERHEAD_BYTES = 400;

/** Rows in this process: least recently used first out, bounded in bytes, each with its own time to live. */
export class MemoryCache {
  readonly #rows: LRUCache<string, CachedRow>;

  /** @param now a clock in milliseconds that never goes back */
  constructor(maxBytes: number, now: () => number = () => performance.now()) {
    // Without a resolution the library reads the clock each time, which is cheaper than its timer.
    this.#rows = new LRUCache({ maxSize: maxBytes, sizeCalculation: sizeBytes, perf: { now }, ttlResolution: 0 });
  }

  get(key: string): CachedRow | undefined {
    return this.#rows.get(key);
  }

  /** Keeps `row`, which must not share memory with anything that lives longer or changes. */
  set(key: string, row: CachedRow, ttlMs: number): void {
    this.#rows.set(key, row, { ttl: ttlMs });
  }

  clear(): void {
    this.#rows.clear();
  }

  get sizeBytes(): number {
    return this.#rows.calculatedSize;
  }
}

function sizeBytes(row: CachedRow): number {
  let bytes = ENTRY_OVERHEAD_BYTES;
  for (const { data } of row) bytes += dataBytes(data);
  return bytes;
}

function dataBytes(data: TensorData): number {
  if (!Array.isArray(data)) return data.byteLength;
  let bytes = 0;
  // Strings of one byte a character, as most are; two for the others would be a walk over each.
  for (const text of data) bytes += 16 + text.length;
  return bytes;
}
