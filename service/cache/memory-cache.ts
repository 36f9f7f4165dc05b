import { LRUCache } from 'lru-cache';
import type { TensorData } from '../tensor';
import type { CachedRow, KeptRow } from './kept-row';

/** A row in memory. */
export interface MemoryRow extends KeptRow {
  /** The model's epoch when the row was begun: a later invalidation makes it a miss. */
  readonly epoch: number;
  /** The entity for which it was predicted, if any, see entityKey. */
  readonly entity: string | undefined;
}

/** What an entry costs beside its data: key, list links and objects, as measured with a million entries. */
const ENTRY_OVERHEAD_BYTES = 400;

/** Rows in this process: least recently used first out, bounded in bytes, each with its own end. */
export class MemoryCache {
  readonly #rows: LRUCache<string, MemoryRow>;
  readonly #keysByEntity = new Map<string, Set<string>>();

  constructor(maxBytes: number) {
    this.#rows = new LRUCache({
      maxSize: maxBytes,
      sizeCalculation: ({ row }) => sizeBytes(row),
      dispose: ({ entity }, key) => this.#unlink(entity, key),
    });
  }

  /** @param nowMs see epochMs */
  get(key: string, nowMs: number, epoch: number): MemoryRow | undefined {
    const kept = this.#rows.get(key);
    if (kept === undefined) return undefined;
    if (nowMs < kept.expiresMs && epoch === kept.epoch) return kept;
    this.#rows.delete(key);
    return undefined;
  }

  /** Keeps `row`, which must not share memory with anything that lives longer or changes. */
  set(key: string, row: MemoryRow): void {
    this.#rows.set(key, row);
    if (row.entity === undefined || !this.#rows.has(key)) return;
    const keys = this.#keysByEntity.get(row.entity);
    if (keys === undefined) this.#keysByEntity.set(row.entity, new Set([key]));
    else keys.add(key);
  }

  delete(key: string): void {
    this.#rows.delete(key);
  }

  deleteEntity(entity: string): void {
    // A copy, because each deletion takes its key out of the set.
    for (const key of [...(this.#keysByEntity.get(entity) ?? [])]) this.#rows.delete(key);
  }

  clear(): void {
    this.#rows.clear();
  }

  get sizeBytes(): number {
    return this.#rows.calculatedSize;
  }

  get rows(): number {
    return this.#rows.size;
  }

  #unlink(entity: string | undefined, key: string): void {
    if (entity === undefined) return;
    const keys = this.#keysByEntity.get(entity);
    keys?.delete(key);
    if (keys?.size === 0) this.#keysByEntity.delete(entity);
  }
}

/** An entity of one model, as one text. Names of models hold no slash. */
export function entityKey(model: string, entity: string): string {
  return `${model}/${entity}`;
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
