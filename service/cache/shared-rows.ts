import type { Invalidation } from './invalidation';
import type { KeptRow } from './kept-row';

/** The outcome of a claim to run a row. */
export interface Claim {
  /** What another replica has run in the meantime; undefined: run it here. */
  readonly found: KeptRow | undefined;
  /** Tells the other replicas that the run is over, well or not. */
  readonly release: () => void;
}

/** Rows that replicas share. Keys are whole keys of Redis. */
export interface SharedRows {
  /** False while it is left alone because it failed. */
  readonly isAvailable: boolean;
  /** One per key; undefined where there is none or it cannot be had within a budget of milliseconds. Never rejects. */
  read(keys: readonly string[]): Promise<readonly (KeptRow | undefined)[]>;
  /** Keeps a row soon, if it can. @param entity see entityKey */
  write(key: string, row: KeptRow, entity: string | undefined): void;
  /** Counts rows that were not looked up. */
  skip(rows: number): void;
  /** Waits for the replica that runs the same row, if one does, for about as long as a run takes. Never rejects. */
  claim(key: string, runMs: number): Promise<Claim>;
  /** Writes that are under way must not survive an invalidation. */
  forgetWritesOf(invalidation: Invalidation): void;
  /**
   * Tells every replica, and removes the rows.
   *
   * @returns removed rows
   * @throws ServiceError 503 where that cannot be done
   */
  invalidate(invalidation: Invalidation): Promise<number>;
  close(): Promise<void>;
}
