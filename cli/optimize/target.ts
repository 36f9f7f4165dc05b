import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { MODEL_FILE } from '../../lib/spec/artifact';
import { didYouMean } from '../../lib/spec/closest';
import type { ModelDescription } from '../../service/model/description';
import { digestArtifact } from '../../service/repository/digest';
import { type ModelSource, scanRepository } from '../../service/repository/scan';
import { readDescription } from '../../service/repository/served-model';
import { UsageError } from '../errors';

/** The model that is to be optimised, as it lies on disk. */
export interface Target {
  readonly name: string;
  readonly modelPath: string;
  /** Hexadecimal sha256, as the model repository names the version. */
  readonly digest: string;
  readonly sizeBytes: number;
  /** Where it lies in a model repository; undefined for a lone file, which has no next version. */
  readonly place: ModelSource | undefined;
  readonly description: ModelDescription | undefined;
}

/**
 * Finds the model that somebody means.
 * @param model a model's folder (its newest version is taken), a version's folder in it, or an .onnx file
 * @param bundled folder of the bundled models, which may be meant by name
 * @throws UsageError where there is none
 */
export async function findTarget(model: string, bundled: string): Promise<Target> {
  const path = existsSync(model) || !existsSync(join(bundled, model)) ? resolve(model) : join(bundled, model);
  if (!existsSync(path)) {
    const entries = readdirSync(bundled, { withFileTypes: true });
    const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    const expected = `a model's folder, a version's folder in it, an .onnx file, or one of ${names.join(', ')}`;
    throw new UsageError(`MODEL is '${model}', expected ${expected}${didYouMean(model, names)}`);
  }
  const place = await placeOf(path);
  if (place === undefined) return loneFile(path, model);
  if (!place.files.includes(MODEL_FILE)) throw new UsageError(`${place.versionDirectory} has no ${MODEL_FILE}`);
  return {
    name: place.name,
    modelPath: place.modelPath,
    ...(await digestArtifact(place.versionDirectory, place.files)),
    place,
    description: await readDescription(place),
  };
}

async function placeOf(path: string): Promise<ModelSource | undefined> {
  if (basename(path) === MODEL_FILE) return versionAt(dirname(path));
  if (!statSync(path).isDirectory()) return undefined;
  return (await versionsOf(path))[0] ?? versionAt(path);
}

async function versionAt(path: string): Promise<ModelSource | undefined> {
  const versions = await versionsOf(dirname(path));
  return versions.find(({ versionDirectory }) => versionDirectory === path);
}

/** Newest first. */
async function versionsOf(directory: string): Promise<readonly ModelSource[]> {
  const name = basename(directory);
  const { models } = await scanRepository(new Map([[name, directory]]));
  return models.get(name) ?? [];
}

async function loneFile(path: string, model: string): Promise<Target> {
  if (statSync(path).isDirectory()) {
    throw new UsageError(`MODEL is '${model}', a folder without a version such as 1/${MODEL_FILE} in it`);
  }
  const file = basename(path);
  const artifact = await digestArtifact(dirname(path), [file]);
  return { name: file.replace(/\.onnx$/, ''), modelPath: path, ...artifact, place: undefined, description: undefined };
}
