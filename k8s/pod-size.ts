import { CPU_REQUEST_MILLI, MEMORY_REQUEST_MIB } from '../lib/plan/replica';

/** Resources of one replica, and the threads that fill them. */
export interface PodSize {
  /** Cores, requested and not exceeded: a replica that borrows cores when measured cannot keep its promise when full. */
  readonly cpus: number;
  readonly memoryMib: number;
  /** Worker threads per heavy model. */
  readonly workers: number;
  /** Threads that one run of a model may use; `workers × intraOpThreads` stays below the cores. */
  readonly intraOpThreads: number;
  /** Upper bound of the in-process prediction cache. */
  readonly cacheMib: number;
}

/**
 * Before anything is measured. The memory is not used up, because a replica retires at 80 % of it.
 */
export const DEFAULT_POD_SIZE: PodSize = {
  cpus: CPU_REQUEST_MILLI / 1000,
  memoryMib: MEMORY_REQUEST_MIB,
  workers: 1,
  intraOpThreads: 1,
  cacheMib: 64,
};
