import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** Where Linux says how much of the processor a container may use: control groups of version 2 and of version 1. */
const CPU_MAX_V2 = '/sys/fs/cgroup/cpu.max';
const QUOTA_V1 = '/sys/fs/cgroup/cpu/cpu.cfs_quota_us';
const PERIOD_V1 = '/sys/fs/cgroup/cpu/cpu.cfs_period_us';

/**
 * Whole cores that this process may use: those it is allowed to run on, cut down to the container's quota, which
 * neither ONNX Runtime nor Node 20 looks at. At least 1.
 */
export function availableCores(
  parallelism: number = availableParallelism(),
  readText: (path: string) => string | undefined = readIfThere,
): number {
  const quota = parseQuota(readText(CPU_MAX_V2) ?? `${readText(QUOTA_V1) ?? 'max'} ${readText(PERIOD_V1) ?? ''}`);
  return Math.max(1, Math.floor(Math.min(parallelism, quota)));
}

/** `"200000 100000"` → 2 cores; `"max 100000"`, `"-1 100000"` and what cannot be read → no limit. */
function parseQuota(text: string): number {
  const [quota, period] = text.trim().split(/\s+/).map(Number);
  if (quota === undefined || period === undefined) return Number.POSITIVE_INFINITY;
  return quota > 0 && period > 0 ? quota / period : Number.POSITIVE_INFINITY;
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
