import { join } from 'node:path';
import type { ModelDescription } from './description';
import { type ImageType, imageTypeOfName } from './image-format';

/** A request that a model answers, as its model.yaml gives it. */
export type ExampleRequest =
  | { readonly contentType: 'application/json'; readonly body: string }
  | { readonly contentType: ImageType; readonly imagePath: string };

/**
 * The example of a model, or undefined where its model.yaml has none.
 * @param folder the model's folder, which holds model.yaml and the example image
 */
export function exampleRequest({ example }: ModelDescription, folder: string): ExampleRequest | undefined {
  if (example === undefined) return undefined;
  if (typeof example !== 'string') return { contentType: 'application/json', body: JSON.stringify(example) };
  const contentType = imageTypeOfName(example);
  return contentType === undefined ? undefined : { contentType, imagePath: join(folder, example) };
}

/** A command that sends the example from any POSIX shell, to copy as it is. */
export function curlCommand(url: string, example: ExampleRequest): string {
  const data =
    'body' in example ? `-d ${shellQuote(example.body)}` : `--data-binary ${shellQuote(`@${example.imagePath}`)}`;
  return `curl -H 'content-type: ${example.contentType}' ${data} ${shellQuote(url)}`;
}

/** Single quotes keep everything but themselves; plain words need none. */
function shellQuote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
