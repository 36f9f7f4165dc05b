import { RETIRES_AT_MEMORY_SHARE } from '../contract';
import type { SpecPool } from '../spec/load';
import {
  ASSUMED_CUDA_MEMORY_MIB,
  ASSUMED_MODEL_MEMORY_MIB,
  ASSUMED_POOL_MEMORY_MIB,
  CACHE_MIB,
  CPU_SLACK,
  CPU_STEP_MILLI,
  MEMORY_SLACK,
  MEMORY_STEP_MIB,
  MIN_CPU_MILLI,
} from './assumptions';

/** Resources of one replica, and the threads that fill them. */
export interface ReplicaSize {
  /** Requested and not exceeded: a replica that borrows cores when measured cannot keep its promise when full. */
  readonly cpuMillicores: number;
  readonly memoryMib: number;
  /** Worker threads per heavy model; the service starts fewer for one whose model.yaml gives a run more threads. */
  readonly workers: number;
  /** Threads that one run of a model may use; `workers × intraOpThreads` stays below the cores. */
  readonly intraOpThreads: number;
  /** Upper bound of the in-process prediction cache. */
  readonly cacheMib: number;
}

/**
 * What a replica gets without a plan: a core for the event loop and one for the models, memory for the runtime, the
 * bundled models and the cache with as much again to spare, because a replica retires at 80 % of it; on GPUs more.
 * @param leastCores that one run of a model takes
 */
export function unplannedSize(hardware: SpecPool['hardware'], leastCores = 1): ReplicaSize {
  return {
    cpuMillicores: Math.max(2000, leastCores * 1000),
    memoryMib: assumedMemoryMib(hardware),
    workers: 1,
    intraOpThreads: 1,
    cacheMib: CACHE_MIB,
  };
}

function assumedMemoryMib(hardware: SpecPool['hardware']): number {
  if (hardware === 'cpu') return ASSUMED_POOL_MEMORY_MIB;
  return ASSUMED_POOL_MEMORY_MIB + roundUp(ASSUMED_CUDA_MEMORY_MIB / RETIRES_AT_MEMORY_SHARE, MEMORY_STEP_MIB);
}

export interface SizeInput {
  readonly hardware: SpecPool['hardware'];
  /** Cores busy when the replica is at its capacity. */
  readonly cpuCoresAtCapacity: number;
  /** Cores that the capacity was measured on; default: as many as are busy, with some slack. */
  readonly cores: number | undefined;
  /** That one run of a model takes, whatever is busy. */
  readonly leastCores: number;
  /** Resident memory in bytes for each model, undefined for one that was not measured. */
  readonly measuredMemory: readonly (number | undefined)[];
}

/** The size of a replica (vertical scaling). */
export function replicaSize(input: SizeInput): ReplicaSize {
  const { hardware, cpuCoresAtCapacity, cores, leastCores, measuredMemory } = input;
  const usedMilli = roundUp(cpuCoresAtCapacity * 1000 * CPU_SLACK, CPU_STEP_MILLI);
  const cpuMillicores = cores === undefined ? Math.max(MIN_CPU_MILLI, usedMilli, leastCores * 1000) : cores * 1000;
  return {
    cpuMillicores,
    memoryMib: memoryMib(hardware, measuredMemory),
    // One core stays with the event loop; on a GPU each worker would hold the weights once more.
    workers: hardware === 'gpu' ? 1 : Math.max(1, Math.floor(cpuMillicores / 1000) - 1),
    intraOpThreads: 1,
    cacheMib: CACHE_MIB,
  };
}

function memoryMib(hardware: SpecPool['hardware'], measured: readonly (number | undefined)[]): number {
  if (measured.every((bytes) => bytes === undefined)) return assumedMemoryMib(hardware);
  return roundUp(neededMemoryMib(measured), MEMORY_STEP_MIB);
}

/**
 * Least limit in MiB for all models of a pool together: the sum of what was measured for each, which counts the runtime
 * once per model and so errs on the safe side, the cache, and what keeps a busy month below the mark for retirement.
 * @param measured resident memory in bytes of a replica with each model alone, undefined for one that was not measured
 */
export function neededMemoryMib(measured: readonly (number | undefined)[]): number {
  const sum = measured.reduce<number>(
    (total, bytes) => total + (bytes === undefined ? ASSUMED_MODEL_MEMORY_MIB : bytes / 2 ** 20),
    0,
  );
  return ((sum + CACHE_MIB) * MEMORY_SLACK) / RETIRES_AT_MEMORY_SHARE;
}

/** Up to the next multiple; a rounding error above one is none. */
function roundUp(value: number, step: number): number {
  return Math.ceil(value / step - 1e-9) * step;
}
