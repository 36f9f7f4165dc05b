import type { ModelDescription } from '../model/description';
import type { RuntimeOptions } from '../runtime/options';
import { threadsOfRun } from '../runtime/session';

/**
 * How a model runs: as its model.yaml says, else as the service was told. `workers` of the service, such as those that a
 * plan fits into the cores of a replica, are for runs of its own `intraOpThreads`: a model whose runs take more threads
 * gets fewer workers, at least one, so that all its threads are no more.
 */
export function runtimeOptions(
  description: ModelDescription | undefined,
  service: RuntimeOptions = {},
): RuntimeOptions {
  const { maxBatch, ...own }: Partial<NonNullable<ModelDescription['runtime']>> = description?.runtime ?? {};
  const options = { ...service, ...own, maxBatchRows: maxBatch ?? service.maxBatchRows };
  if (own.workers !== undefined || service.workers === undefined) return options;
  const threads = service.workers * threadsOfRun(service);
  return { ...options, workers: Math.max(1, Math.floor(threads / threadsOfRun(options))) };
}
