import { basename, dirname, extname, resolve } from 'node:path';
import { MODEL_FILE, VERSION_FOLDER } from '../../lib/spec/artifact';

/** Where a model file lies, seen from a model repository: `<folder>/<version>/model.onnx`. */
export interface ModelPlace {
  /** A name for it that the spec allows. */
  readonly name: string;
  /** Absolute folder of the model, or undefined where the file is not laid out as one. */
  readonly folder: string | undefined;
}

/** @param file absolute path of an ONNX file */
export function placeOfModel(file: string): ModelPlace {
  const versionFolder = dirname(file);
  const folder = dirname(versionFolder);
  if (basename(file) === MODEL_FILE && VERSION_FOLDER.test(basename(versionFolder))) {
    return { name: nameFrom(basename(folder)), folder: resolve(folder) };
  }
  const stem = basename(file, extname(file));
  // `fraud/model.onnx`: the folder says more than the file.
  return { name: nameFrom(stem === 'model' ? basename(versionFolder) : stem), folder: undefined };
}

/** A name of lower-case letters, digits and hyphens, as near to the given one as it gets. */
export function nameFrom(text: string): string {
  const name = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .slice(0, 63)
    .replace(/-+$/, '');
  return name === '' ? 'model' : name;
}
