import type { SpecPool } from '../spec/load';

/**
 * What is taken for true where nothing was measured or given. Every plan names those it used; a profile or a flag
 * replaces them. None of them is a measurement unless its comment says so.
 */

/** Numbers of a model of which there is no profile. */
export interface ModelNumbers {
  /** Requests/s of one replica at which p95 reaches the SLO. */
  readonly capacityQps: number;
  /** a of duration(n) = a + b·n for a batch of n rows. */
  readonly fixedMs: number;
  /** b of duration(n) = a + b·n. */
  readonly perRowMs: number;
  readonly cpuSecondsPerRequest: number;
  readonly coldStartSeconds: number;
}

/** Of the order of small tabular models on one core, and of an image model on a small GPU. */
export const ASSUMED_MODEL: Readonly<Record<SpecPool['hardware'], ModelNumbers>> = {
  cpu: { capacityQps: 200, fixedMs: 2, perRowMs: 1, cpuSecondsPerRequest: 0.007, coldStartSeconds: 20 },
  gpu: { capacityQps: 400, fixedMs: 8, perRowMs: 1, cpuSecondsPerRequest: 0.003, coldStartSeconds: 60 },
};

/**
 * Share of its capacity that a replica is given at the peak. What is left takes the load of a replica that is lost, the
 * randomness of arrivals, and the time until more replicas are ready.
 */
export const LOAD_SHARE = 0.7;

/** CPU a replica gets beyond what it uses at capacity: a cgroup that reaches its quota stalls until the next period. */
export const CPU_SLACK = 1.2;

/** CPU comes in steps of half a core, and never below one: the event loop must not be throttled. */
export const CPU_STEP_MILLI = 500;
export const MIN_CPU_MILLI = 1000;

/** Memory of a replica with the models of a pool, before it is measured. */
export const ASSUMED_POOL_MEMORY_MIB = 1024;
/**
 * What CUDA adds to it in the memory of the machine, beside that of the GPU: the context, and the libraries that ONNX
 * Runtime loads. Reported as 1 GB on Linux (microsoft/onnxruntime#5801, where MobileNet takes 330 MB with CUDA and 12 MB
 * without); not measured here yet.
 */
export const ASSUMED_CUDA_MEMORY_MIB = 1024;
/** Of one model without a measurement in a pool in which others have one. */
export const ASSUMED_MODEL_MEMORY_MIB = 256;
/** Growth of the memory between a measurement and a busy month. */
export const MEMORY_SLACK = 1.25;
export const MEMORY_STEP_MIB = 128;

/** Upper bound of the in-process prediction cache of a replica. */
export const CACHE_MIB = 64;

/** From a pod that finds no room to a node that takes it. */
export const NODE_START_SECONDS = 60;

/** Pods of the system on every node: CNI, kube-proxy, log and metric agents. */
export const SYSTEM_PODS_PER_NODE = 6;

/** What costs are counted with: a month of 365/12 days. */
export const HOURS_PER_MONTH = 730;

/** A request and its answer, as they cross the edge. */
export const BYTES_IN_PER_REQUEST = 600;
export const BYTES_OUT_PER_REQUEST = 500;

/**
 * How often inputs repeat, where no profile tells: entities of which the i-th most popular is asked for in proportion to
 * i^-exponent. Requests to web caches have exponents from 0.64 to 0.83 (Breslau et al., INFOCOM 1999).
 */
export const ASSUMED_POPULARITY = { entities: 1_000_000, exponent: 0.8 } as const;

/** Rules of the web application firewall, managed groups counted as one each. */
export const FIREWALL_RULES = 5;

/** Type of the nodes that run the system's own pods, as the cluster has it. */
export const SYSTEM_NODE_TYPE = 'm7g.large';

/** One cached row with its key in Redis, of a small tabular model. */
export const CACHED_ROW_BYTES = 400;

/** Time of a request that the cache answers. */
export const CACHE_HIT_MS = 1;
