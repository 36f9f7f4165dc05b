import { readFileSync } from 'node:fs';
import { RETIRES_AT_MEMORY_SHARE } from '../../lib/contract';

/** Replicas that grow alike should not retire alike; each takes its own limit within ±5 %. */
const JITTER = 0.05;
/** Share at which it waits for nobody any more. */
const URGENT_AT = 0.92;
const CHECK_INTERVAL_MS = 5000;

/** Where Linux tells a container its memory limit: control groups version 2, then 1. */
const LIMIT_FILES = ['/sys/fs/cgroup/memory.max', '/sys/fs/cgroup/memory/memory.limit_in_bytes'];

/** Version 1 says "no limit" with a number near 2^63; no machine has a pebibyte. */
const NO_LIMIT_BYTES = 2 ** 50;

/** Resident memory, in bytes, at which a process should retire, and at which it must. */
export interface MemoryLimits {
  readonly retireBytes: number;
  readonly urgentBytes: number;
}

/**
 * The limits of this process, or undefined where nothing limits it.
 *
 * @param configuredMib where someone chose to retire; taken as it is
 * @param random a number from 0 to below 1
 */
export function memoryLimits(configuredMib: number | undefined, random: number): MemoryLimits | undefined {
  if (configuredMib !== undefined) {
    const retireBytes = configuredMib * 2 ** 20;
    return { retireBytes, urgentBytes: (retireBytes * URGENT_AT) / RETIRES_AT_MEMORY_SHARE };
  }
  const limitBytes = containerLimitBytes();
  if (limitBytes === undefined) return undefined;
  return {
    retireBytes: limitBytes * (RETIRES_AT_MEMORY_SHARE + JITTER * (2 * random - 1)),
    urgentBytes: limitBytes * URGENT_AT,
  };
}

/**
 * Whether a process should retire now.
 * @param takeTurn asks whether no other replica is away; not asked where it does not matter
 */
export async function shouldRetire(
  residentBytes: number,
  { retireBytes, urgentBytes }: MemoryLimits,
  takeTurn: () => Promise<boolean>,
): Promise<boolean> {
  if (residentBytes <= retireBytes) return false;
  return residentBytes > urgentBytes || (await takeTurn());
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

/** Calls `retire` once, when resident memory is beyond its limit and it is this process's turn. Keeps no process alive. */
export function watchMemory(
  limits: MemoryLimits,
  takeTurn: () => Promise<boolean>,
  retire: (residentBytes: number) => void,
): void {
  const check = async (): Promise<void> => {
    const residentBytes = process.memoryUsage.rss();
    if (await shouldRetire(residentBytes, limits, takeTurn)) retire(residentBytes);
    else setTimeout(() => void check(), CHECK_INTERVAL_MS).unref();
  };
  setTimeout(() => void check(), CHECK_INTERVAL_MS).unref();
}
