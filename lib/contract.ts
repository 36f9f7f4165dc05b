/**
 * Names that more than one part relies on: what the service listens on and exports is what manifests, load balancers,
 * dashboards and alarms look for. Each stands here once.
 */

export const PORTS = {
  /** Inference over REST. */
  http: 8000,
  /** Metrics, API documentation and administration: never public. */
  admin: 8002,
} as const;

export const PATHS = {
  live: '/v2/health/live',
  ready: '/v2/health/ready',
  metrics: '/metrics',
  docs: '/docs',
  /** Administration of the prediction cache; what can be invalidated stands below it. */
  cache: '/v1/cache',
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
  /** The version of the model that answered. */
  modelVersion: 'x-headroom-model-version',
  /** Where the features of a request's entities came from, as a dictionary of RFC 8941: `cached=2, fetched=1`. */
  features: 'x-headroom-features',
  /** How old the joined features may be: the earliest time at which any were computed, else read (ISO 8601). */
  featuresAsOf: 'x-headroom-features-as-of',
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
  /** Gauge: bytes of features held in the process. */
  featureCacheBytes: 'feature_cache_bytes',
  /** Counter: entries looked up; labels cache, layer, outcome (hit, miss, stale, error, skipped). */
  cacheLookups: 'cache_lookups_total',
  /** Counter: predictions to be kept; labels cache, layer, outcome (written, dropped, error). */
  cacheWrites: 'cache_writes_total',
  /** Counter: bytes of entries from and to servers; labels cache, layer, direction (read, written). */
  cacheTransfer: 'cache_transfer_bytes_total',
  /** Histogram: seconds of one lookup, in memory of some of them; labels cache, layer. */
  cacheLatency: 'cache_lookup_seconds',
  /** Gauge: 1 while a layer is used, 0 while its circuit breaker is open; labels cache, layer. */
  cacheAvailable: 'cache_available',
  /** Counter: bytes of remote models downloaded; label model. */
  artifactBytes: 'artifact_download_bytes_total',
  /** Counter: files of remote models wanted; labels model, outcome (hit, fetched, error). */
  artifactFiles: 'artifact_files_total',
  /** Histogram: seconds of one look at a remote model, with its downloads; labels model, outcome (ok, error). */
  artifactSync: 'artifact_sync_seconds',
  /** Gauge: bytes on disk of the files of remote models, those on their way included. */
  artifactCacheBytes: 'artifact_cache_bytes',
  /** Gauge: 1 for a version that is ready, else 0; labels model, version. */
  modelReady: 'model_ready',
  /** Gauge: seconds the event loop came late since the last scrape; label quantile. */
  eventLoopDelay: 'event_loop_delay_seconds',
} as const;

/** What Prometheus derives from {@link METRICS}; recorded by the rules of the Kubernetes charts. */
export const RECORDED_METRICS = {
  /** Seconds: p95 of the pool over requests that ran a model, for each of its pods; labels namespace, pod, pool. */
  scalerLatency: 'prediction_latency_p95',
} as const;

/** Label that scraping adds to all metrics of a replica: the pool it belongs to. */
export const POOL_LABEL = 'pool';

/**
 * How a replica ends: it answers on while load balancers turn away, then lets requests in flight end. A load balancer
 * must let go of a target within the two together; the platform must not kill it before the grace is over.
 */
export const SHUTDOWN = {
  preStopSeconds: 15,
  drainSeconds: 30,
  /** The sum of both and some time to close the models. */
  graceSeconds: 60,
} as const;

/** Share of the container's memory at which a replica retires rather than be killed in the middle of requests. */
export const RETIRES_AT_MEMORY_SHARE = 0.8;

/** Exit codes that another try would end with, too: the command is wrong, or what it works on. */
export const FINAL_EXIT_CODES = { wrongUse: 2, doNotRetry: 42 } as const;

/** Where the container image keeps what it carries. */
export const IMAGE = {
  /** Working directory; the folder models/ below it holds the models that were there when the image was built. */
  directory: '/app',
  modelsFolder: 'models',
  /** Numeric, because Kubernetes cannot see from a name that it is not root. */
  userId: 1000,
} as const;

/** Name of the service account of all pods of a system, to which a platform binds what they may do elsewhere. */
export const SERVICE_ACCOUNT = 'headroom';

/** ConfigMap with the rules by which prometheus-adapter makes custom metrics, in the namespace of Prometheus. */
export function metricRulesName(system: string): string {
  return `headroom-adapter-rules-${system}`;
}

/** How nodes with GPUs are told from others. */
export const GPU_NODES = {
  /** Label whose value is the GPU's name in the spec. */
  label: 'headroom-gpu',
  /** Taint that keeps other pods away; also the name of the resource. */
  taint: 'nvidia.com/gpu',
} as const;

/** Outcomes of the prediction cache as the label `cache` and the header {@link HEADERS.cache} carry them. */
export type CacheOutcome = 'hit' | 'partial' | 'miss' | 'off';

/** Values of the label `cache` of the metrics of caches. */
export type CacheName = 'prediction' | 'feature';

/** Values of the label `layer`: in the process, shared by replicas, or the store behind a cache of features. */
export type CacheLayer = 'memory' | 'redis' | 'http' | 'dynamodb' | 'file';
