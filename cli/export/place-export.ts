import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type ModelDescription, parseModelDescription } from '../../service/model/description';
import { DESCRIPTION_FILE } from '../../service/repository/scan';
import { compile } from '../../service/repository/served-model';
import type { Tensor, TensorSignature } from '../../service/tensor';
import { renderDescription } from '../init/render';
import { chooseUseCase } from '../init/use-case';
import { readKnownDescription } from '../model-folder/known-description';
import { nextVersion, place } from '../model-folder/place';
import { describeTable, exampleTensors, type ModelFacts } from './describe';
import { wordsToCheck } from './disagreement';

const EXAMPLE_FILE = 'example.json';

/** An export whose answers are those of the original. */
export interface CheckedExport {
  readonly name: string;
  readonly modelPath: string;
  readonly signature: TensorSignature;
  readonly facts: ModelFacts;
  /** Inputs whose first row becomes the example. */
  readonly row: readonly Tensor[];
  /** Lines for people about where it comes from. */
  readonly origin: readonly string[];
}

export interface Placed {
  readonly version: number;
  readonly written: readonly string[];
  readonly note: string | undefined;
}

/**
 * Puts an export into its model's folder as the next version. What people wrote of older versions stays as it is: a
 * model.yaml, which has to fit the export, and where there is none, that there is none, since it would be that of the
 * older versions, too.
 *
 * @throws UsageError where the folder cannot be written to; DescriptionError where model.yaml does not fit
 * @throws the signal's reason when it is aborted before; then nothing was written
 */
export async function placeExport(
  directory: string,
  { modelPath, ...about }: CheckedExport,
  signal: AbortSignal,
): Promise<Placed> {
  const number = nextVersion(directory);
  const known = readKnownDescription(directory);
  compile(known, about.signature);
  const isNew = number === 1 && known === undefined;
  const files = isNew ? filesOf(directory, about) : {};
  const written = await place(directory, { version: { number, modelPath }, files }, signal);
  const note = isNew ? undefined : noteOn(known, about.facts);
  return { version: number, written, note };
}

function noteOn(known: ModelDescription | undefined, facts: ModelFacts): string | undefined {
  if (known !== undefined) return wordsToCheck(known, facts);
  return `no ${DESCRIPTION_FILE} was written: the older versions have none, and it would describe them, too`;
}

/** model.yaml, and the example of a model that takes tensors; none that is there already. */
function filesOf(
  directory: string,
  { name, signature, facts, row, origin }: Omit<CheckedExport, 'modelPath'>,
): Record<string, string> {
  const content = describeTable(signature, facts, row);
  const text = renderDescription(
    { name, path: directory, signature, useCase: chooseUseCase(signature) },
    { origin, content },
  );
  compile(parseModelDescription(text, join(directory, DESCRIPTION_FILE)), signature);
  const hasExample = content !== undefined || existsSync(join(directory, EXAMPLE_FILE));
  return { [DESCRIPTION_FILE]: text, ...(hasExample ? {} : { [EXAMPLE_FILE]: exampleTensors(signature, row) }) };
}
