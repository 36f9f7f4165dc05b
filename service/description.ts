import type { Slo } from '../lib/spec/use-cases';
import { type ExampleRequest, exampleRequest } from './model/example';
import type { ServingPolicy } from './predict/policy';
import { exampleInferBody } from './protocol/example';
import type { ModelRepository } from './repository/model-repository';
import type { ServedModel } from './repository/served-model';
import type { ObservedModel } from './telemetry/metrics';

/** One model as people are told of it. */
export interface DescribedModel {
  readonly name: string;
  readonly version: number;
  readonly executor: string;
  readonly maxBatchRows: number;
  readonly slo: Slo | undefined;
  /** A request that it answers. */
  readonly example: (ExampleRequest & { readonly path: string }) | undefined;
}

/** What a running service serves and where. */
export interface ServiceDescription {
  readonly httpUrl: string;
  readonly adminUrl: string;
  readonly models: readonly DescribedModel[];
  readonly unavailable: readonly { readonly name: string; readonly version: string; readonly reason: string }[];
}

/** The newest served version of each model, and every version that could not be loaded. */
export function describeModels(
  repository: ModelRepository,
  policyOf: (model: ServedModel) => ServingPolicy,
): Pick<ServiceDescription, 'models' | 'unavailable'> {
  const newest = new Map<string, ServedModel>();
  for (const model of repository.served()) {
    if (model.version > (newest.get(model.name)?.version ?? 0)) newest.set(model.name, model);
  }
  const models = [...newest.values()].map((model) => ({
    name: model.name,
    version: model.version,
    executor: model.runtime.executor,
    maxBatchRows: model.runtime.maxBatchRows,
    slo: policyOf(model).slo,
    example: exampleOf(model),
  }));
  const unavailable = repository.index().filter(({ state }) => state === 'UNAVAILABLE');
  return { models, unavailable: unavailable.map(({ name, version, reason }) => ({ name, version, reason })) };
}

/** The example of model.yaml, else a row of zeros to start from. */
function exampleOf({ name, description, directory, runtime }: ServedModel): DescribedModel['example'] {
  const described = description && exampleRequest(description, directory);
  if (described !== undefined) return { ...described, path: `/v1/models/${name}:predict` };
  const body = exampleInferBody(runtime.signature);
  return body === undefined ? undefined : { contentType: 'application/json', body, path: `/v2/models/${name}/infer` };
}

/** Every version, ready or not, as the gauges show it. */
export function observedModels(repository: ModelRepository): ObservedModel[] {
  const queuedRows = new Map(
    repository.served().map(({ name, version, runtime }) => [`${name}/${version}`, runtime.queuedRows]),
  );
  return repository.index().map(({ name, version, state }) => ({
    name,
    version,
    ready: state === 'READY',
    queuedRows: queuedRows.get(`${name}/${version}`) ?? 0,
  }));
}
