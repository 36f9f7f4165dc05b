import type { CacheLayer } from '../../../lib/contract';
import type { FeatureRule } from '../../model/feature-values';

/** What a store is asked for: some features of one kind of entity. */
export interface FeatureView {
  readonly name: string;
  /** Column or key that holds the entity. */
  readonly joinKey: string;
  readonly rules: readonly FeatureRule[];
  /** How long a request waits for a remote store. */
  readonly budgetMs: number;
}

/** What a store knows of an entity. */
export interface StoredFeatures {
  /** By name; features without a value are left out. */
  readonly values: ReadonlyMap<string, unknown>;
  /** When the features were computed, in milliseconds since the epoch; undefined where the store does not tell. */
  readonly updatedMs: number | undefined;
}

/** Column or field that holds the time at which features were computed. */
export const TIMESTAMP_NAME = 'event_timestamp';

/** Where features are kept by entity. */
export interface FeatureStore {
  readonly layer: CacheLayer;
  /** Of answers with features, so far; undefined for a store that is no server. */
  readonly bytesRead?: number;
  /**
   * @returns by position; undefined: the store does not know the entity
   * @throws Error with the reason in a few words
   */
  read(view: FeatureView, entities: readonly string[]): Promise<readonly (StoredFeatures | undefined)[]>;
  /** Succeeds where the store answers; undefined for a store that is no server. */
  readonly probe?: () => Promise<unknown>;
  /**
   * Makes the first connection, which may take longer than the budget of a request; undefined for a store that connects
   * by itself, and tells in the log where it cannot.
   */
  readonly connect?: () => Promise<unknown>;
  close(): Promise<void>;
}

/** The time that a store tells: a text as of ISO 8601, seconds since the epoch, or a date; undefined for others. */
export function timestampMs(value: unknown): number | undefined {
  if (value instanceof Date) return value.getTime();
  if (typeof value === 'number' || typeof value === 'bigint') return Number(value) * 1000;
  const ms = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
}
