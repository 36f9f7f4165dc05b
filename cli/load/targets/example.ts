import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Value } from 'typebox/value';
import { isObject } from '../../../lib/spec/describe';
import type { Spec } from '../../../lib/spec/load';
import { type RunSettings, RunSettingsSchema } from '../../../lib/spec/run-settings';
import type { Slo } from '../../../lib/spec/use-cases';
import { type ModelDescription, parseModelDescription } from '../../../service/model/description';
import { type ExampleRequest, exampleRequest } from '../../../service/model/example';
import { exampleInferBody } from '../../../service/protocol/example';
import { DATA_TYPES, type DataType, type TensorSpec } from '../../../service/tensor';
import { UsageError } from '../../errors';
import type { Announcement } from '../../serve-banner';
import { expectOk, sentenceOf } from '../../service-client';
import type { Ask } from './asker';

/** A request to begin with, and what is promised for its answers. */
export interface Example {
  /** Undefined for a path that is no model's. */
  readonly model: string | undefined;
  /** Path and query. */
  readonly path: string;
  /** Undefined for a GET. */
  readonly contentType: string | undefined;
  readonly body: string | Buffer;
  readonly slo: Slo | undefined;
}

/** The example of a model from the folder that a spec names, with what model.yaml and spec say of its SLO. */
export function exampleOfSpec(spec: Spec | undefined, model: string): Example | undefined {
  const entry = spec?.models.find(({ name }) => name === model);
  if (entry?.folder === undefined) return undefined;
  const file = join(entry.folder, 'model.yaml');
  if (!existsSync(file)) return undefined;
  const description = parseModelDescription(readFileSync(file, 'utf8'), file);
  const example = exampleRequest(withDefaultedFeatures(description), entry.folder);
  if (example === undefined) return undefined;
  const path = `/v1/models/${encodeURIComponent(model)}:predict`;
  return { model, path, contentType: example.contentType, body: bodyOf(example), slo: entry.slo };
}

/** The example that a service announced when it was started; undefined where it has none. */
export function exampleOfAnnouncement({ models }: Announcement, model: string): Example | undefined {
  const announced = models.find(({ name }) => name === model);
  if (announced?.example === undefined) return undefined;
  const { path, contentType } = announced.example;
  return { model, path, contentType, body: bodyOf(announced.example), slo: announced.slo };
}

/** A row of zeros for a model of which only the service knows, by its metadata. @throws UsageError where that is no help */
export async function exampleOfService(ask: Ask, model: string): Promise<Example> {
  const path = `/v2/models/${encodeURIComponent(model)}`;
  const metadata = expectOk(await ask(path));
  const inputs = isObject(metadata) && Array.isArray(metadata.inputs) ? metadata.inputs.map(tensorOf) : [];
  const body = exampleInferBody({ inputs, outputs: [] });
  if (inputs.length === 0 || body === undefined) {
    throw new UsageError(`no example of '${model}' is known: --body gives one, or --spec its headroom.yaml`);
  }
  return { model, path: `${path}/infer`, contentType: 'application/json', body, slo: undefined };
}

/** What a service says of its models. */
export interface ServedModels {
  /** In alphabetical order. */
  readonly ready: readonly string[];
  /** Why others are not, by name. */
  readonly unready: ReadonlyMap<string, string>;
}

/** The models of a service, or why it does not tell them. */
export async function servedModels(ask: Ask): Promise<ServedModels | { readonly refusal: string }> {
  const { status, json } = await ask('/v2/repository/index', { method: 'POST' });
  if (status !== 200) return { refusal: `${status}: ${sentenceOf(json)}` };
  const entries = (Array.isArray(json) ? json : []).filter(isObject);
  const ready = new Set(entries.filter(({ state }) => state === 'READY').map(({ name }) => String(name)));
  const others = entries.filter(({ name }) => !ready.has(String(name)));
  return {
    ready: [...ready].sort(),
    unready: new Map(others.map(({ name, state, reason }) => [String(name), String(reason || state)])),
  };
}

/** What a service tells of the version of a model that it serves. */
export interface ServedVersion {
  /** Of its artifact; undefined where it tells none. */
  readonly digest: string | undefined;
  /** What its runs are given; undefined where it tells nothing. */
  readonly settings: RunSettings | undefined;
}

/** Asks a service for the version of a model that it serves. */
export async function servedVersion(ask: Ask, model: string): Promise<ServedVersion> {
  const { status, json } = await ask(`/v2/models/${encodeURIComponent(model)}`);
  const parameters = status === 200 && isObject(json) && isObject(json.parameters) ? json.parameters : {};
  const { sha256, max_batch: maxBatch, intra_op_threads: intraOpThreads, execution_mode: executionMode } = parameters;
  const settings = { ...(maxBatch === undefined ? {} : { maxBatch }), intraOpThreads, executionMode };
  return {
    digest: typeof sha256 === 'string' ? sha256 : undefined,
    settings: intraOpThreads !== undefined && Value.Check(RunSettingsSchema, settings) ? settings : undefined,
  };
}

/** An example may leave out features that have a default; written out, they can vary as the others do. */
function withDefaultedFeatures(description: ModelDescription): ModelDescription {
  const { example, features = [] } = description;
  if (example === undefined || typeof example === 'string') return description;
  const defaults = features.flatMap(({ name, default: value }) =>
    value === undefined ? [] : [[name, value] as const],
  );
  const instances = example.instances.map((instance) => ({ ...Object.fromEntries(defaults), ...instance }));
  return { ...description, example: { ...example, instances } };
}

function bodyOf(example: ExampleRequest): string | Buffer {
  return 'body' in example ? example.body : readFileSync(example.imagePath);
}

function tensorOf(input: unknown): TensorSpec {
  const { name, datatype, shape } = isObject(input) ? input : {};
  if (typeof name !== 'string' || !isDataType(datatype) || !Array.isArray(shape)) {
    throw new UsageError('the service describes an input in a way that is not of the Open Inference Protocol');
  }
  return { name, datatype, shape: shape.map((size) => (Number(size) < 0 ? 'any' : Number(size))) };
}

function isDataType(name: unknown): name is DataType {
  return typeof name === 'string' && Object.hasOwn(DATA_TYPES, name);
}
