import { LRUCache } from 'lru-cache';
import type { StoredFeatures } from './feature-store';

/** Features of one entity in memory. */
export interface NearEntry {
  /** undefined: the store does not know the entity. */
  readonly features: StoredFeatures | undefined;
  /** When they were read, on the clock of epochMs. */
  readonly readMs: number;
  /** From then on they are read again. */
  readonly expiresMs: number;
}

/** Bytes that features may take, of all models together. */
const MAX_BYTES = 64 * 2 ** 20;
/** What an entry costs beside its values: key, list links and objects; and what a value costs in its map. */
const ENTRY_OVERHEAD_BYTES = 400;
const VALUE_BYTES = 40;

/** Features in this process, by key; least recently used first out. Entries outlive their end, see the reader. */
export class NearCache {
  readonly #entries = new LRUCache<string, NearEntry>({
    maxSize: MAX_BYTES,
    sizeCalculation: ({ features }, key) => key.length + sizeBytes(features),
  });

  get(key: string): NearEntry | undefined {
    return this.#entries.get(key);
  }

  set(key: string, entry: NearEntry): void {
    this.#entries.set(key, entry);
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }

  get sizeBytes(): number {
    return this.#entries.calculatedSize;
  }

  deletePrefix(prefix: string): void {
    for (const key of [...this.#entries.keys()]) if (key.startsWith(prefix)) this.#entries.delete(key);
  }
}

function sizeBytes(features: StoredFeatures | undefined): number {
  let bytes = ENTRY_OVERHEAD_BYTES;
  for (const value of features?.values.values() ?? []) {
    bytes += VALUE_BYTES + (typeof value === 'string' ? 2 * value.length : 0);
  }
  return bytes;
}
