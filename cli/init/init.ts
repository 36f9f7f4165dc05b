import { constants, copyFile, mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { MODEL_FILE } from '../../lib/spec/artifact';
import { codeOf } from '../../lib/spec/code-of';
import { keyword } from '../../lib/spec/describe';
import type { UseCaseName } from '../../lib/spec/use-cases';
import type { TensorSignature } from '../../service/tensor';
import { UsageError } from '../errors';
import { readKnownDescription } from '../model-folder/known-description';
import { renderExample } from './example';
import { placeOfModel } from './layout';
import { type NewModel, renderDescription, renderSpec } from './render';
import { chooseUseCase } from './use-case';

/** Reads the inputs and outputs of an ONNX file; fails with the reason in one line where it is none. */
export type InspectModel = (path: string) => Promise<{ readonly signature: TensorSignature }>;

/** Files that are where the program was installed. */
export interface InstalledFiles {
  /** The example spec, whose models lie in {@link models}. */
  readonly example: string;
  readonly models: string;
  /** JSON Schema of the spec, for editors. */
  readonly schema: string;
}

export interface Initialised {
  /** Everything that was written, relative to the folder; the spec comes last. */
  readonly written: readonly string[];
  /** The model that the spec is for; undefined for the example. */
  readonly model: NewModel | undefined;
}

export const SPEC_FILE = 'headroom.yaml';

/**
 * Writes a starting spec into a folder. A model file that is not laid out as `<model>/<version>/model.onnx` is copied
 * to where it can be served from. Overwrites nothing, and leaves nothing behind when it fails.
 * @param modelFile an ONNX file, absolute or relative to the folder; undefined: the spec of the bundled models
 * @param said what the model is for; undefined: what its model.yaml says, else a guess
 * @throws UsageError naming the file that is in the way or cannot be used
 * @throws DocumentError for a model.yaml with mistakes
 */
export async function initialise(
  directory: string,
  modelFile: string | undefined,
  inspectModel: InspectModel,
  installed: InstalledFiles,
  said?: UseCaseName,
): Promise<Initialised> {
  if (modelFile === undefined) await refuseExisting(directory, SPEC_FILE);
  const schemaPath = slashed(relative(directory, installed.schema));
  if (modelFile === undefined) {
    await requireBundledModels(installed.models);
    const modelsPath = slashed(relative(directory, installed.models));
    await writeNew(directory, SPEC_FILE, await renderExample(installed.example, modelsPath, schemaPath));
    return { written: [SPEC_FILE], model: undefined };
  }
  const source = resolve(directory, modelFile);
  await requireFile(source, modelFile);
  const signature = await inspect(inspectModel, source, modelFile);
  const { name, folder } = placeOfModel(source);
  const path = folder === undefined ? `models/${name}` : slashed(relative(directory, folder)) || '.';
  const described = folder === undefined ? undefined : readKnownDescription(folder);
  const useCase = chooseUseCase(signature, said ?? described?.useCase);
  const model = { name, path, signature, useCase };
  if (await exists(join(directory, SPEC_FILE))) throw specIsThere(model, folder === undefined);
  const spec = renderSpec(model, schemaPath);
  if (folder !== undefined) {
    await writeNew(directory, SPEC_FILE, spec);
    return { written: [SPEC_FILE], model };
  }
  await refuseExisting(directory, path);
  const copy = `${path}/1/${MODEL_FILE}`;
  const undo = await makeFolder(directory, dirname(copy));
  try {
    await copyNew(source, directory, copy);
    await inspectCopy(inspectModel, join(directory, copy), modelFile, dirname(copy));
    const description = `${path}/model.yaml`;
    await writeNew(directory, description, renderDescription(model));
    await writeNew(directory, SPEC_FILE, spec);
    return { written: [copy, description, SPEC_FILE], model };
  } catch (error) {
    await rm(undo, { recursive: true });
    throw error;
  }
}

async function inspect(inspectModel: InspectModel, path: string, shown: string): Promise<TensorSignature> {
  try {
    return (await inspectModel(path)).signature;
  } catch (error) {
    throw new UsageError(`cannot use ${shown}: ${messageOf(error)}`);
  }
}

/** Large models keep their weights in files beside them, which a copy of the model alone leaves behind. */
async function inspectCopy(inspectModel: InspectModel, path: string, shown: string, target: string): Promise<void> {
  try {
    await inspectModel(path);
  } catch (error) {
    throw new UsageError(
      `${shown} cannot be copied alone, copy it as ${MODEL_FILE} with the files that belong to it to ${target}/ ` +
        `and run headroom init ${target}/${MODEL_FILE} (${messageOf(error)})`,
    );
  }
}

async function requireFile(path: string, shown: string): Promise<void> {
  const stats = await stat(path).catch(() => undefined);
  if (stats === undefined) throw new UsageError(`cannot use ${shown}: it does not exist`);
  if (!stats.isFile())
    throw new UsageError(`cannot use ${shown}: it is a folder, expected a file such as ${MODEL_FILE}`);
}

async function requireBundledModels(path: string): Promise<void> {
  if (await exists(path)) return;
  throw new UsageError(
    'the bundled models are not installed here, so there is no example of them, name a model: headroom init my.onnx',
  );
}

async function refuseExisting(directory: string, path: string): Promise<void> {
  if (await exists(join(directory, path))) throw alreadyThere(path);
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

async function writeNew(directory: string, path: string, text: string): Promise<void> {
  await orUsageError(path, () => writeFile(join(directory, path), text, { flag: 'wx' }));
}

async function copyNew(source: string, directory: string, path: string): Promise<void> {
  await orUsageError(path, () => copyFile(source, join(directory, path), constants.COPYFILE_EXCL));
}

/** The outermost folder that had to be made. */
async function makeFolder(directory: string, path: string): Promise<string> {
  const folder = join(directory, path);
  return (await orUsageError(path, () => mkdir(folder, { recursive: true }))) ?? folder;
}

async function orUsageError<T>(path: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (codeOf(error) === 'EEXIST') throw alreadyThere(path);
    throw new UsageError(`cannot write ${path}: ${messageOf(error)}`);
  }
}

function alreadyThere(path: string): UsageError {
  return new UsageError(`${path} exists already and is not overwritten; move it away or run headroom init elsewhere`);
}

/** The spec is a person's: how a model comes into it is told, and not done. */
function specIsThere({ name, path, useCase }: NewModel, isToCopy: boolean): UsageError {
  const copy = isToCopy ? `copy the file to ${path}/1/${MODEL_FILE} and ` : '';
  return new UsageError(
    `${SPEC_FILE} exists already and is not overwritten; ${copy}add the model below its models, such as  ` +
      `${name}: {useCase: ${useCase.name}, path: ${path}, peakQps: 100, pool: model-server}`,
  );
}

/** Paths in a spec are written with slashes on every system. */
function slashed(path: string): string {
  return path.split(sep).join('/');
}

function messageOf(error: unknown): string {
  return String(keyword(error, 'message') ?? error);
}
