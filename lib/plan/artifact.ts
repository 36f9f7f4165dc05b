import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Hexadecimal sha256 of the newest version's model.onnx, as the model repository names a model that is one file.
 * @param folder of the model, `<version>/model.onnx` below it
 * @returns undefined where there is none, or where weights lie in files beside it
 */
export function newestDigest(folder: string): string | undefined {
  if (!existsSync(folder)) return undefined;
  const versions = readdirSync(folder).filter((name) => /^[1-9][0-9]*$/.test(name));
  const newest = versions.sort((a, b) => Number(a) - Number(b)).at(-1);
  if (newest === undefined) return undefined;
  const [file, ...others] = readdirSync(join(folder, newest)).filter((name) => /\.(onnx|data|bin)$/.test(name));
  if (file === undefined || others.length > 0) return undefined;
  return createHash('sha256')
    .update(readFileSync(join(folder, newest, file)))
    .digest('hex');
}
