import { METRICS, PATHS } from '../../../lib/contract';
import { ask, expectText } from '../../service-client';

/** What the service tells of itself at one moment; all but the memory only grow. */
export interface ServiceMetrics {
  readonly cpuSeconds: number;
  readonly memoryBytes: number;
  /** Runs of models and the rows in them. */
  readonly runs: number;
  readonly runRows: number;
  readonly cacheHits: number;
  readonly cacheRows: number;
}

/** What happened in the service between two moments. */
export interface ServiceUse {
  /** Processor time of all its threads. */
  readonly cpuSeconds: number;
  readonly memoryBytes: number;
  /** Mean rows of a run; undefined where no model ran. */
  readonly batchRows: number | undefined;
  /** Share of rows that the cache answered; undefined where it saw none. */
  readonly cacheHitRatio: number | undefined;
}

/** Reads the metrics of a service. @param flag that gave the address @throws UsageError where nobody answers there */
export async function readMetrics(flag: string, adminUrl: string): Promise<ServiceMetrics> {
  return parseMetrics(expectText(await ask(flag, adminUrl, PATHS.metrics)));
}

/** As {@link readMetrics}, from the text format of Prometheus. */
export function parseMetrics(text: string): ServiceMetrics {
  const sums = new Map<string, number>();
  let cacheHits = 0;
  for (const line of text.split('\n')) {
    const [, name = '', labels = '', value] = /^([a-z_]+)(\{.*\})? ([^ ]+)/.exec(line) ?? [];
    if (value === undefined) continue;
    sums.set(name, (sums.get(name) ?? 0) + Number(value));
    if (name === METRICS.cacheRows && /outcome="(hit|joined)"/.test(labels)) cacheHits += Number(value);
  }
  const sum = (name: string) => sums.get(name) ?? 0;
  return {
    cpuSeconds: sum('process_cpu_seconds_total'),
    memoryBytes: sum('process_resident_memory_bytes'),
    runs: sum(`${METRICS.batchRows}_count`),
    runRows: sum(`${METRICS.batchRows}_sum`),
    cacheHits,
    cacheRows: sum(METRICS.cacheRows),
  };
}

/** The difference of two readings. */
export function useBetween(before: ServiceMetrics, after: ServiceMetrics): ServiceUse {
  const runs = after.runs - before.runs;
  const cacheRows = after.cacheRows - before.cacheRows;
  return {
    cpuSeconds: after.cpuSeconds - before.cpuSeconds,
    memoryBytes: after.memoryBytes,
    batchRows: runs > 0 ? (after.runRows - before.runRows) / runs : undefined,
    cacheHitRatio: cacheRows > 0 ? (after.cacheHits - before.cacheHits) / cacheRows : undefined,
  };
}
