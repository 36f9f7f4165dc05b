import { didYouMean } from '../../lib/spec/closest';
import { isUseCaseName, USE_CASE_NAMES, type UseCaseName } from '../../lib/spec/use-cases';
import type { TensorSignature } from '../../service/tensor';
import { UsageError } from '../errors';
import { imageInput } from './model-facts';

/** What a model is for. */
export interface ChosenUseCase {
  readonly name: UseCaseName;
  /** What it was guessed from, as a clause; null where a person said it. */
  readonly guessedFrom: string | null;
}

/**
 * What somebody said a model is for, else a guess: an image model is recognised by its input; of all others nothing is
 * known but that someone waits for the answer.
 */
export function chooseUseCase(signature: TensorSignature, said?: UseCaseName): ChosenUseCase {
  if (said !== undefined) return { name: said, guessedFrom: null };
  return imageInput(signature) === undefined
    ? { name: 'fraud-detection', guessedFrom: 'the file does not tell what the model is for' }
    : { name: 'image-classification', guessedFrom: 'the input has the shape of images' };
}

/** The value of `--use-case`. @throws UsageError for any other word */
export function parseUseCase(text: string): UseCaseName {
  if (isUseCaseName(text)) return text;
  const allowed = `one of ${USE_CASE_NAMES.join(', ')}${didYouMean(text, USE_CASE_NAMES)}`;
  throw new UsageError(`--use-case is '${text}', expected ${allowed}`);
}
