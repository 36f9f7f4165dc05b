import { didYouMean } from '../lib/spec/closest';
import { InputError } from '../lib/spec/input-error';

/** Every error the service answers with: the status, one sentence for the caller, and when to try again. */
export class ServiceError extends Error {
  constructor(
    readonly statusCode: number,
    /** Short stable name for logs and the `errors` metric. */
    readonly code: string,
    message: string,
    /** For 429 and 503: after how many milliseconds another try is worth it. */
    readonly retryAfterMs?: number,
  ) {
    super(message);
    this.name = 'ServiceError';
  }
}

/** How long a caller waits where nothing better is known than "shortly", as for a model that is loading. */
const DEFAULT_RETRY_AFTER_MS = 1000;

/** 400: the request can never succeed as it is. `message` names the input and the value. */
export function badRequest(message: string): ServiceError {
  return new ServiceError(400, 'bad_request', message);
}

/** @param port of the service that has the path, where it is not this one */
export function routeNotFound(method: string, path: string, port?: string): ServiceError {
  const hint = port === undefined ? '' : ` on this port, only on the ${port}`;
  return new ServiceError(404, 'route_not_found', `there is nothing at ${method} ${path}${hint}`);
}

export function methodNotAllowed(method: string, path: string, allowed: string): ServiceError {
  return new ServiceError(405, 'method_not_allowed', `${method} is not possible on ${path}, allowed: ${allowed}`);
}

/** @param known names of the models that are here */
export function modelNotFound(name: string, known: readonly string[]): ServiceError {
  return new ServiceError(404, 'model_not_found', `model '${name}' does not exist here${didYouMean(name, known)}`);
}

export function versionNotFound(name: string, version: string, served: readonly string[]): ServiceError {
  const known = served.length === 0 ? 'none is served' : `served: ${served.join(', ')}`;
  return new ServiceError(404, 'version_not_found', `model '${name}' has no version '${version}' (${known})`);
}

export function modelNotReady(name: string, reason: string): ServiceError {
  return new ServiceError(503, 'model_not_ready', `model '${name}' is not ready: ${reason}`, DEFAULT_RETRY_AFTER_MS);
}

export function queueFull(name: string, queuedRows: number, retryAfterMs: number): ServiceError {
  return new ServiceError(
    503,
    'queue_full',
    `model '${name}' has ${queuedRows} rows waiting, which is its limit`,
    retryAfterMs,
  );
}

/** @param leftMs what is left of the time that the caller allows; 0 or less: nothing */
export function deadlineUnreachable(name: string, leftMs: number, retryAfterMs: number): ServiceError {
  const problem =
    leftMs > 0
      ? `within the ${shownMs(leftMs)} ms that are left of the time allowed`
      : 'in time: what was allowed had passed before the request was read';
  return new ServiceError(503, 'deadline', `model '${name}' cannot answer ${problem}`, retryAfterMs);
}

/** Whole milliseconds, and two digits below ten of them: 0 would say that nothing is left. */
function shownMs(ms: number): string {
  return ms < 10 ? String(Number(ms.toPrecision(2))) : String(Math.round(ms));
}

export function workerLost(name: string): ServiceError {
  return new ServiceError(
    503,
    'worker_lost',
    `the worker that ran model '${name}' ended and is being replaced`,
    DEFAULT_RETRY_AFTER_MS,
  );
}

/** 404: there is no cache to look at or to empty. */
export function cacheIsOff(): ServiceError {
  return new ServiceError(404, 'cache_off', 'no prediction is cached here, the service runs with --cache-mib 0');
}

/** 503: this replica has forgotten, but the others could not be told, or what replicas share not be removed. */
export function sharedCacheUnreachable(reason: string): ServiceError {
  return new ServiceError(
    503,
    'shared_cache_unreachable',
    `only this replica has forgotten the predictions, the shared cache fails: ${reason}`,
    DEFAULT_RETRY_AFTER_MS,
  );
}

/** 503: the features that a request leaves to the feature store are not to be had. */
export function featuresUnavailable(entity: string, reason: string): ServiceError {
  return new ServiceError(
    503,
    'features_unavailable',
    `the features of entity '${entity}' cannot be read: ${reason}`,
    DEFAULT_RETRY_AFTER_MS,
  );
}

/** 404: the feature store does not know the entity, and the model cannot do without its features. */
export function entityNotFound(entity: string, feature: string): ServiceError {
  const message = `the feature store does not know entity '${entity}', and feature '${feature}' has no default`;
  return new ServiceError(404, 'entity_not_found', message);
}

/** 404: the model joins no features, so it has no predictions by entity. */
export function noFeatureView(name: string): ServiceError {
  return new ServiceError(404, 'no_feature_view', `model '${name}' has no featureView in its model.yaml`);
}

export function stopping(): ServiceError {
  return new ServiceError(503, 'stopping', 'the service is stopping', DEFAULT_RETRY_AFTER_MS);
}

/** 400: the model itself refused these inputs while running, for example an index out of range. */
export function runFailed(name: string, reason: string): ServiceError {
  return new ServiceError(400, 'run_failed', `model '${name}' failed on this input: ${reason}`);
}

/** 500: a model's output is not what its model.yaml says, which its signature leaves open. */
export function answerMismatch(output: string, found: number, labels: number): ServiceError {
  return new ServiceError(
    500,
    'answer_mismatch',
    `output '${output}' has ${found} values per row, but model.yaml gives ${labels} labels`,
  );
}

export function payloadTooLarge(message: string): ServiceError {
  return new ServiceError(413, 'payload_too_large', message);
}

export function unsupportedMediaType(message: string): ServiceError {
  return new ServiceError(415, 'unsupported_media_type', message);
}

/** A setting that the service cannot start with; the message names the flag or variable, its value and the range. */
export class ConfigError extends InputError {
  constructor(message: string) {
    super(message);
    this.name = 'ConfigError';
  }
}

/** A model that cannot be fetched, or kept on this machine; the message is one sentence without secrets. */
export class ArtifactError extends Error {
  constructor(
    message: string,
    /** Whether another try may succeed without anybody's doing. */
    readonly isTransient: boolean = false,
  ) {
    super(message);
    this.name = 'ArtifactError';
  }
}

/** What a server of files answers instead of a file. */
export class RefusalError extends ArtifactError {
  constructor(
    message: string,
    isTransient: boolean,
    /** The server's own name for it, such as NoSuchBucket; undefined: it gave none. */
    readonly code: string | undefined,
  ) {
    super(message, isTransient);
    this.name = 'RefusalError';
  }
}

/** A batch run that another try cannot save: its input, model or output folder is not what it must be. */
export class BatchError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'BatchError';
  }
}

/** A batch run that broke off for the sake of something around it: another try may help. */
export class BatchInterruptedError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'BatchInterruptedError';
  }
}

/** True for what the system says of files, disks and networks, as `ENOSPC`. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return typeof error === 'object' && error !== null && 'code' in error && 'syscall' in error && 'message' in error;
}
