import { DocumentError } from '../../../lib/spec/errors';
import { ServiceError } from '../../../service/errors';
import { type ModelDescription, parseModelDescription } from '../../../service/model/description';
import type { DataType, TensorSpec } from '../../../service/tensor';

/** A description from YAML lines. */
export function described(...lines: string[]): ModelDescription {
  return parseModelDescription(lines.join('\n'), 'model.yaml');
}

export function spec(name: string, datatype: DataType, shape: readonly (number | string)[]): TensorSpec {
  return { name, datatype, shape };
}

/** `line: path: message` of every mistake that `work` fails with. */
export function mistakesOf(work: () => unknown): string[] {
  try {
    work();
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    return error.mistakes.map(({ line, path, message }) => `${line}: ${path}: ${message}`);
  }
  return [];
}

/** The refusal that `work` throws, as `status message`. */
export function refusalOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    return `${error.statusCode} ${error.message}`;
  }
  return 'not refused';
}
