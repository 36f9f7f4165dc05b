import { readFile } from 'node:fs/promises';
import { scalar } from './render';

/**
 * The example spec for another folder: its models and the schema for editors stay where the program is installed.
 * @param exampleFile the spec beside the bundled models
 * @param modelsPath folder of the bundled models, relative to the spec to be written
 */
export async function renderExample(exampleFile: string, modelsPath: string, schemaPath: string): Promise<string> {
  const text = await readFile(exampleFile, 'utf8');
  return text
    .replace(/\$schema=\S+/, () => `$schema=${schemaPath}`)
    .replaceAll(/ path: models\/(\S+)/g, (_, model: string) => ` path: ${scalar(`${modelsPath}/${model}`)}`);
}
