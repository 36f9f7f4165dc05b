/** What is promised for a model, from headroom.yaml, else its model.yaml, else the defaults. */
export interface ServingPolicy {
  /** Time a request may take where it brings no deadline of its own: the SLO's acceptable limit, in milliseconds. */
  readonly timeoutMs: number;
  /** How long a prediction may be answered again; 0: never, the cache is off. */
  readonly cacheTtlMs: number;
}
