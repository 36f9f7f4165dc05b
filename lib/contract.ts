/**
 * Names that more than one part relies on: what the service listens on and exports is what manifests, load balancers,
 * dashboards and alarms look for. Each stands here once.
 */

export const PORTS = {
  /** Inference over REST. */
  http: 8000,
  /** Metrics, API documentation, dashboard and administration: never public. */
  admin: 8002,
} as const;

export const PATHS = {
  live: '/v2/health/live',
  ready: '/v2/health/ready',
  metrics: '/metrics',
  docs: '/docs',
} as const;

export const HEADERS = {
  /** Correlates a request over all parts; taken from the caller, made where absent, and always sent back. */
  requestId: 'x-request-id',
  /** Milliseconds the caller is willing to wait. */
  requestTimeoutMs: 'x-request-timeout-ms',
  /** Length in bytes of the JSON part in front of binary tensors (Open Inference Protocol). */
  inferenceHeaderLength: 'inference-header-content-length',
  /** How the prediction cache took part in an answer: `hit`, `partial`, `miss` or `off`. */
  cache: 'x-headroom-cache',
} as const;

export const METRICS = {
  /** Histogram: seconds from the complete request to the encoded answer; labels model, version, cache. */
  predictionLatency: 'prediction_latency_seconds',
  /** Histogram: seconds in one stage of a prediction; labels model, version, stage. */
  stageLatency: 'prediction_stage_seconds',
  /** Histogram: rows of one run of the model; labels model, version. */
  batchRows: 'prediction_batch_rows',
  /** Gauge: rows that wait for a run; labels model, version. */
  queueRows: 'prediction_queue_rows',
  /** Counter: answered requests; labels model, version, code (HTTP status). */
  requests: 'prediction_requests_total',
  /** Counter: requests that ended in an error; labels model, code (a name such as `queue_full`). */
  errors: 'prediction_errors_total',
  /** Counter: rows by outcome in the prediction cache; labels model, version, outcome. */
  cacheRows: 'prediction_cache_rows_total',
  /** Gauge: bytes held by the in-process prediction cache. */
  cacheBytes: 'prediction_cache_bytes',
  /** Gauge: 1 for a version that is ready, else 0; labels model, version. */
  modelReady: 'model_ready',
  /** Gauge: seconds the event loop came late since the last scrape; label quantile. */
  eventLoopDelay: 'event_loop_delay_seconds',
} as const;

/** Outcomes of the prediction cache as the label `cache` and the header {@link HEADERS.cache} carry them. */
export type CacheOutcome = 'hit' | 'partial' | 'miss' | 'off';
