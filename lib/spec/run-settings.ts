import { type Static, Type } from 'typebox';

/** Fields of `runtime` in model.yaml that say how runs of a model fill the cores; headroom optimize --adopt writes them. */
export const RUN_SETTINGS = {
  maxBatch: Type.Optional(Type.Integer({ minimum: 1, maximum: 4096, description: 'Most rows of one run.' })),
  intraOpThreads: Type.Optional(Type.Integer({ minimum: 1, maximum: 256, description: 'Threads of one run.' })),
  executionMode: Type.Optional(
    Type.Enum(['sequential', 'parallel'], {
      description: 'parallel: branches of the graph run side by side, on as many threads again.',
    }),
  ),
  workers: Type.Optional(Type.Integer({ minimum: 1, maximum: 64, description: 'Runs at the same time.' })),
};

export const RunSettingsSchema = Type.Object(RUN_SETTINGS);

/** How runs of a model fill the cores; what is left out is for the service to say. */
export type RunSettings = Static<typeof RunSettingsSchema>;

/** What the threads of a run follow from; one thread, branch after branch, where nothing is said. */
export interface RunThreads {
  readonly intraOpThreads?: number | undefined;
  readonly executionMode?: RunSettings['executionMode'] | undefined;
}

/**
 * Threads that one run may keep busy, its own included. Side by side, as many branches as threads each begin one of their
 * own, and share the others of `intraOpThreads`.
 */
export function threadsOfRun({ intraOpThreads = 1, executionMode }: RunThreads): number {
  return executionMode === 'parallel' ? 2 * intraOpThreads - 1 : intraOpThreads;
}

/**
 * Workers of a model in a service that has `workers` for runs of its own settings, such as those that a plan fits into
 * the cores of a replica: where the model's runs take more threads as many fewer, at least one, so that all its threads
 * are no more.
 */
export function fittingWorkers(workers: number, service: RunThreads, own: RunThreads): number {
  return Math.max(1, Math.floor((workers * threadsOfRun(service)) / threadsOfRun(own)));
}
