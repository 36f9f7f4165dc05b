import { ConnectionPool } from '../http/connection-pool';
import type { Endpoint } from '../http/endpoint';
import { Latencies } from '../measure/latencies';
import { monotonicMs } from '../schedule/clock';
import type { PreparedTarget } from '../targets/prepared-target';

/** Time of a request of so many rows when nothing else runs. */
export interface AlonePoint {
  readonly rows: number;
  readonly medianMs: number;
}

/** duration(n) = fixedMs + perRowMs·n. */
export interface ServiceTime {
  readonly fixedMs: number;
  readonly perRowMs: number;
}

const ROWS = [1, 2, 4, 8, 16, 32];
const REQUESTS = 60;
/** A heavy model should not keep a person waiting. */
const MAX_SECONDS = 3;
/** The first requests warm up what they use. */
const WARM_UP_REQUESTS = 5;
const MIN_PER_ROW_MS = 1e-4;

/** Sends requests of more and more rows one at a time. @param firstKey so that no input is one of another measurement */
export async function measureAlone(
  target: PreparedTarget,
  endpoint: Endpoint,
  timeoutMs: number,
  firstKey: number,
  signal: AbortSignal,
): Promise<AlonePoint[]> {
  const pool = new ConnectionPool(endpoint, { maxConnections: 1, timeoutMs });
  const points: AlonePoint[] = [];
  let key = firstKey;
  try {
    for (const rows of ROWS) {
      if (signal.aborted) break;
      const requests = target.requests(rows);
      if (requests === undefined) break;
      const latencies = new Latencies();
      const endMs = monotonicMs() + MAX_SECONDS * 1000;
      for (let i = -WARM_UP_REQUESTS; i < REQUESTS && (i < 1 || monotonicMs() < endMs); i++) {
        const ms = await sendAlone(pool, requests.bytes(key++));
        if (ms === undefined) return points;
        if (i >= 0) latencies.record(ms);
      }
      points.push({ rows, medianMs: latencies.percentileMs(50) ?? Number.NaN });
    }
    return points;
  } finally {
    pool.close();
  }
}

/** Milliseconds; undefined where it was refused or failed, as by a model that takes fewer rows. */
function sendAlone(pool: ConnectionPool, bytes: string | Buffer): Promise<number | undefined> {
  return new Promise((resolve) => {
    const dueMs = monotonicMs();
    pool.send({
      bytes,
      dueMs,
      onResponse: ({ status }) => resolve(status === 200 ? monotonicMs() - dueMs : undefined),
      onFailure: () => resolve(undefined),
    });
  });
}

/** Least squares through the points, neither part of it below zero. A model of one row a request has no fixed part. */
export function fitServiceTime(points: readonly AlonePoint[]): ServiceTime {
  const [first] = points;
  if (first === undefined || points.length === 1) return { fixedMs: 0, perRowMs: first?.medianMs ?? MIN_PER_ROW_MS };
  const mean = (value: (point: AlonePoint) => number) =>
    points.reduce((sum, point) => sum + value(point), 0) / points.length;
  const meanRows = mean(({ rows }) => rows);
  const meanMs = mean(({ medianMs }) => medianMs);
  const covariance = mean(({ rows, medianMs }) => (rows - meanRows) * (medianMs - meanMs));
  const perRowMs = Math.max(MIN_PER_ROW_MS, covariance / mean(({ rows }) => (rows - meanRows) ** 2));
  const fixedMs = meanMs - perRowMs * meanRows;
  // Through the origin, where a straight line would begin below it.
  if (fixedMs < 0) return { fixedMs: 0, perRowMs: meanMs / meanRows };
  return { fixedMs, perRowMs };
}
