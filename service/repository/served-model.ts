import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MODEL_FILE } from '../../lib/spec/artifact';
import { DocumentError, type Mistake } from '../../lib/spec/errors';
import type { RunSettings } from '../../lib/spec/run-settings';
import { type AnswerFormatter, compileAnswer } from '../model/answer';
import { Mismatches, type ModelDescription, parseModelDescription } from '../model/description';
import { compileFeatures, type FeatureEncoder } from '../model/features';
import { compileImage, type ImageDecoder } from '../model/image';
import { loadRuntime } from '../runtime/load-runtime';
import type { ModelRuntime } from '../runtime/model-runtime';
import type { RuntimeObserver, RuntimeOptions } from '../runtime/options';
import type { Tensor, TensorSignature } from '../tensor';
import { digestArtifact } from './digest';
import { reasonOf } from './reason';
import { runtimeOptions } from './runtime-options';
import type { ModelSource } from './scan';

/** One version of one model, ready to serve, with all that a request to it needs. */
export interface ServedModel {
  readonly name: string;
  readonly version: number;
  /** The model's folder: holds model.yaml and what it refers to. */
  readonly directory: string;
  /** Of all files of the version, see lib/spec/artifact.ts. */
  readonly digest: string;
  readonly sizeBytes: number;
  /** What model.yaml says; undefined where there is none. */
  readonly description: ModelDescription | undefined;
  readonly runtime: ModelRuntime;
  /** What its runs were given, by model.yaml or else by the service. */
  readonly settings: RunSettings;
  /** For requests with feature dictionaries. */
  readonly features: FeatureEncoder | undefined;
  /** For requests with an image. */
  readonly image: ImageDecoder | undefined;
  /** Words the answers to both; undefined without a description. */
  readonly answer: AnswerFormatter | undefined;
}

export interface LoadSettings {
  /** The bundle that worker threads run. */
  readonly workerPath: string;
  /** What holds where a model's own model.yaml says nothing else. */
  readonly runtime?: RuntimeOptions | undefined;
  readonly observe?: ((source: ModelSource) => RuntimeObserver) | undefined;
}

/**
 * Loads one version of a model, measured and warmed up with the example of its model.yaml.
 *
 * @throws DocumentError with the lines where model.yaml is wrong or does not fit the model
 * @throws Error with the reason where model.onnx is missing or cannot be run
 */
export async function loadServedModel(source: ModelSource, settings: LoadSettings): Promise<ServedModel> {
  const { name, version, modelPath, modelDirectory } = source;
  if (!source.files.includes(MODEL_FILE)) throw new Error(`the version folder has no ${MODEL_FILE}`);
  const description = await readDescription(source);
  const { digest, sizeBytes } = await digestArtifact(source.versionDirectory, source.files);
  const options = runtimeOptions(description, settings.runtime);
  const runtime = await loadRuntime({
    name,
    modelPath,
    workerPath: settings.workerPath,
    options: {
      ...options,
      // What does not fit together fails here, before anything is measured.
      exampleInputs: (signature) => exampleInputs(description, compile(description, signature), modelDirectory),
    },
    observer: settings.observe?.(source),
  });
  const compiled = compile(description, runtime.signature);
  return {
    name,
    version,
    directory: modelDirectory,
    digest,
    sizeBytes,
    description,
    runtime,
    settings: settingsOf(options),
    ...compiled,
  };
}

function settingsOf({ intraOpThreads = 1, executionMode = 'sequential', maxBatchRows }: RuntimeOptions): RunSettings {
  return { intraOpThreads, executionMode, ...(maxBatchRows === undefined ? {} : { maxBatch: maxBatchRows }) };
}

/** What a description makes of requests and answers. */
export type Compiled = Pick<ServedModel, 'features' | 'image' | 'answer'>;

/** @throws DocumentError with all that does not fit the model, of whichever part of the description */
export function compile(description: ModelDescription | undefined, signature: TensorSignature): Compiled {
  if (description === undefined) return { features: undefined, image: undefined, answer: undefined };
  const mistakes: Mistake[] = [];
  const part = <T>(make: (described: ModelDescription, model: TensorSignature) => T): T | undefined => {
    try {
      return make(description, signature);
    } catch (error) {
      if (!(error instanceof DocumentError)) throw error;
      mistakes.push(...error.mistakes);
      return undefined;
    }
  };
  const compiled = { features: part(compileFeatures), image: part(compileImage), answer: part(compileAnswer) };
  if (mistakes.length > 0) throw new DocumentError(description.source.file, mistakes);
  return compiled;
}

/** @throws DocumentError with the lines where model.yaml is wrong */
export async function readDescription({ name, descriptionPath }: ModelSource): Promise<ModelDescription | undefined> {
  if (descriptionPath === undefined) return undefined;
  return parseModelDescription(await readFile(descriptionPath, 'utf8'), `${name}/model.yaml`);
}

/** Rows of the example, as the model takes them; undefined where model.yaml gives none. */
export async function exampleInputs(
  description: ModelDescription | undefined,
  { features, image }: Compiled,
  modelDirectory: string,
): Promise<readonly Tensor[] | undefined> {
  if (description?.example === undefined) return undefined;
  const { example, source } = description;
  try {
    if (typeof example !== 'string') return features?.encode(example.instances);
    return await image?.decode(await readFile(join(modelDirectory, example)));
  } catch (error) {
    const mismatches = new Mismatches(source);
    mismatches.add(['example'], reasonOf(error));
    throw mismatches.toError();
  }
}
