import { PlanInputError } from '../lib/plan/errors';
import { DocumentError, SpecFileError } from '../lib/spec/errors';

/** An environment variable of the synthesis that cannot be used. */
export class SettingsError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SettingsError';
  }
}

/** A field that was asked for and did not reach the manifest: the library's serialiser does not know it. */
export class DroppedFieldError extends Error {
  constructor(object: string, path: string, asked: unknown, found: unknown) {
    const got = found === undefined ? 'nothing' : JSON.stringify(found);
    super(`${object}: asked for ${JSON.stringify(asked)} at ${path}, but ${got} came out; use a raw ApiObject`);
    this.name = 'DroppedFieldError';
  }
}

/** True for a mistake in what was given: its message says all, and a stack would only hide it. */
export function isInputError(error: unknown): error is SettingsError | DocumentError | SpecFileError | PlanInputError {
  return (
    error instanceof SettingsError ||
    error instanceof DocumentError ||
    error instanceof SpecFileError ||
    error instanceof PlanInputError
  );
}
