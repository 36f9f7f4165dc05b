import { readFileSync } from 'node:fs';

/** Share of the container's memory at which the service retires rather than be killed in the middle of requests. */
const RETIRE_AT = 0.8;
/** Replicas that grow alike should not retire alike; each takes its own limit within ±5 %. */
const JITTER = 0.05;
const CHECK_INTERVAL_MS = 5000;

/** Where Linux tells a container its memory limit: control groups version 2, then 1. */
const LIMIT_FILES = ['/sys/fs/cgroup/memory.max', '/sys/fs/cgroup/memory/memory.limit_in_bytes'];

/** Version 1 says "no limit" with a number near 2^63; no machine has a pebibyte. */
const NO_LIMIT_BYTES = 2 ** 50;

/**
 * The resident memory in bytes at which this process should retire, or undefined where nothing limits it.
 *
 * @param configuredMib a limit that someone chose; taken as it is
 * @param random a number from 0 to below 1
 */
export function retirementBytes(configuredMib: number | undefined, random: number): number | undefined {
  if (configuredMib !== undefined) return configuredMib * 2 ** 20;
  const limitBytes = containerLimitBytes();
  return limitBytes === undefined ? undefined : limitBytes * (RETIRE_AT + JITTER * (2 * random - 1));
}

function containerLimitBytes(): number | undefined {
  for (const file of LIMIT_FILES) {
    try {
      const limitBytes = Number(readFileSync(file, 'utf8'));
      if (limitBytes > 0 && limitBytes < NO_LIMIT_BYTES) return limitBytes;
    } catch {
      // Not this version of control groups, or no Linux.
    }
  }
  return undefined;
}

/** Calls `retire` once, when resident memory passes `limitBytes`. Does not keep the process alive. */
export function watchMemory(limitBytes: number, retire: (residentBytes: number) => void): void {
  const timer = setInterval(() => {
    const residentBytes = process.memoryUsage.rss();
    if (residentBytes <= limitBytes) return;
    clearInterval(timer);
    retire(residentBytes);
  }, CHECK_INTERVAL_MS);
  timer.unref();
}
