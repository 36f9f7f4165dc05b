import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { type ModelDescription, parseModelDescription } from '../../service/model/description';
import { DESCRIPTION_FILE } from '../../service/repository/scan';

/**
 * What the model.yaml in a model's folder says; undefined where there is none.
 * @throws DocumentError where it is wrong
 */
export function readKnownDescription(directory: string): ModelDescription | undefined {
  const path = join(directory, DESCRIPTION_FILE);
  return existsSync(path) ? parseModelDescription(readFileSync(path, 'utf8'), relative('', path)) : undefined;
}
