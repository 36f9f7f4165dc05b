import { type CacheOutcome, HEADERS } from '../../../lib/contract';
import type { Failure } from '../http/connection';
import type { ParsedResponse } from '../http/response-parser';
import { Latencies } from './latencies';

/** One second of a run; rates are requests/s. */
export interface LoadPoint {
  /** Seconds from the beginning of what is measured. */
  readonly t: number;
  readonly offeredQps: number;
  readonly answeredQps: number;
  /** Answered 429 or 503. */
  readonly refusedQps: number;
  readonly failedQps: number;
  /** Of the answers that came in this second; undefined where none came. */
  readonly p50Ms: number | undefined;
  readonly p95Ms: number | undefined;
  readonly p99Ms: number | undefined;
}

const CACHE_OUTCOME = new RegExp(`\\r\\n${HEADERS.cache}: *(hit|partial|miss|off)`, 'i');

/** What happened to the requests of one target. */
export class Recorder {
  /** Of requests answered with 2xx, from the time they were due. */
  readonly latencies = new Latencies();
  readonly cache: Record<CacheOutcome, number> = { hit: 0, partial: 0, miss: 0, off: 0 };
  /** By reason: `status 400`, `timeout`, `reset: …`. */
  readonly failures = new Map<string, number>();
  readonly points: LoadPoint[] = [];
  offered = 0;
  /** Status 429: over a rate limit. */
  tooMany = 0;
  /** Status 503: the service or a proxy in front of it refuses. */
  unavailable = 0;
  failed = 0;
  readonly #window = new Latencies();
  #before = { offered: 0, refused: 0, failed: 0 };

  get answered(): number {
    return this.latencies.count;
  }

  get refused(): number {
    return this.tooMany + this.unavailable;
  }

  /** Requests that got no prediction, whatever the reason. */
  get lost(): number {
    return this.refused + this.failed;
  }

  onResponse({ status, head }: ParsedResponse, latencyMs: number): void {
    if (status >= 200 && status < 300) {
      this.latencies.record(latencyMs);
      this.#window.record(latencyMs);
      this.#countCache(head);
    } else if (status === 429) this.tooMany++;
    else if (status === 503) this.unavailable++;
    else this.#countFailure(`status ${status}`);
  }

  onFailure(failure: Failure, detail: string): void {
    this.#countFailure(failure === 'timeout' ? failure : `${failure}: ${detail}`);
  }

  /** Ends a span and begins the next. */
  closeWindow(t: number, seconds: number): LoadPoint {
    const { offered, refused, failed } = this;
    const point: LoadPoint = {
      t,
      offeredQps: (offered - this.#before.offered) / seconds,
      answeredQps: this.#window.count / seconds,
      refusedQps: (refused - this.#before.refused) / seconds,
      failedQps: (failed - this.#before.failed) / seconds,
      p50Ms: this.#window.percentileMs(50),
      p95Ms: this.#window.percentileMs(95),
      p99Ms: this.#window.percentileMs(99),
    };
    this.points.push(point);
    this.#before = { offered, refused, failed };
    this.#window.reset();
    return point;
  }

  #countFailure(reason: string): void {
    this.failed++;
    this.failures.set(reason, (this.failures.get(reason) ?? 0) + 1);
  }

  #countCache(head: string): void {
    switch (CACHE_OUTCOME.exec(head)?.[1]) {
      case 'hit':
        this.cache.hit++;
        break;
      case 'partial':
        this.cache.partial++;
        break;
      case 'miss':
        this.cache.miss++;
        break;
      case 'off':
        this.cache.off++;
        break;
    }
  }
}
