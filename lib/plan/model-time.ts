/** Time of the models of a pool, mean over its requests, in batches as measured. */
export interface ModelTime {
  /** a of duration(n) = a + b·n. */
  readonly fixedMs: number;
  /** b of duration(n) = a + b·n. */
  readonly perRowMs: number;
  /** Mean rows of a run at capacity; undefined where it was not measured. */
  readonly batchRows: number | undefined;
}
