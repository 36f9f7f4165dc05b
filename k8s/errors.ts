import { InputError } from '../lib/spec/input-error';

/** An environment variable of the synthesis that cannot be used. */
export class SettingsError extends InputError {
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
