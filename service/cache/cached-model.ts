import { AdaptiveBypass } from './adaptive-bypass';

/** From here on a run costs so much more than a lookup that the cache is never passed by. */
const COSTLY_RUN_MS = 5;
/** From here on replicas wait for each other's runs rather than repeat them; a wait costs some round trips. */
const EXPENSIVE_RUN_MS = 50;
/** Share of the newest run in the average. */
const SMOOTHING = 0.1;

/** Counts the invalidations of a model; whatever was begun before the last one is not kept. One for all its versions. */
export interface Epoch {
  value: number;
}

/** What the prediction cache knows of one version of one model. */
export class CachedModel {
  /** What its keys begin with in Redis. */
  readonly keyPrefix: string;
  readonly bypass = new AdaptiveBypass();
  /** Judged by itself: a replica that serves alone finds in Redis only what it has in memory already. */
  readonly sharedBypass = new AdaptiveBypass();
  #runMs: number | undefined;

  /** @param ttlMs life of a row; 0: nothing is cached */
  constructor(
    readonly name: string,
    digest: string,
    readonly ttlMs: number,
    readonly epoch: Epoch,
  ) {
    this.keyPrefix = `${modelKeyPrefix(name)}${digest.slice(0, 12)}:`;
  }

  /** Average time of a run, queue included; 0 before the first. */
  get runMs(): number {
    return this.#runMs ?? 0;
  }

  /** Whether replicas should run it once for all. */
  get isExpensive(): boolean {
    return this.runMs >= EXPENSIVE_RUN_MS;
  }

  observeRun(runMs: number): void {
    this.#runMs = this.#runMs === undefined ? runMs : this.#runMs + SMOOTHING * (runMs - this.#runMs);
  }

  /** Whether a request of `rows` rows takes part in caching at all. */
  takesPart(rows: number, nowMs: number): boolean {
    if (this.ttlMs === 0) return false;
    return this.bypass.takesPart(rows, nowMs) || this.runMs >= COSTLY_RUN_MS;
  }

  takesPartInShared(rows: number, nowMs: number): boolean {
    return this.sharedBypass.takesPart(rows, nowMs) || this.runMs >= COSTLY_RUN_MS;
  }
}

/** All of Redis' keys that hold predictions begin with this. */
export const PREDICTION_PREFIX = 'pred:';

/** All keys of a model's predictions in Redis begin with this. Names of models hold no colon and no glob characters. */
export function modelKeyPrefix(model: string): string {
  return `${PREDICTION_PREFIX}${model}:`;
}

/** The key of a row without model and digest, as memory has it. */
export function rowKeyOf(redisKey: string): string {
  return redisKey.slice(redisKey.lastIndexOf(':') + 1);
}
