import { fittingWorkers } from '../../lib/spec/run-settings';
import type { ModelDescription } from '../model/description';
import type { RuntimeOptions } from '../runtime/options';

/** How a model runs: as its model.yaml says, else as the service was told, with as many workers as {@link fittingWorkers}. */
export function runtimeOptions(
  description: ModelDescription | undefined,
  service: RuntimeOptions = {},
): RuntimeOptions {
  const { maxBatch, ...own }: Partial<NonNullable<ModelDescription['runtime']>> = description?.runtime ?? {};
  const options = { ...service, ...own, maxBatchRows: maxBatch ?? service.maxBatchRows };
  if (own.workers !== undefined || service.workers === undefined) return options;
  return { ...options, workers: fittingWorkers(service.workers, service, options) };
}
