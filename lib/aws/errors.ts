import { DocumentError, SpecFileError } from '../spec/errors';

/** A prop of a construct that AWS would refuse, or that would not do what it says. */
export class PropsError extends Error {
  /**
   * @param prop where, as `RedisCache.shards`
   * @param found the value that was given; never a token, whose value is known only when it is deployed
   * @param allowed what may stand there, as `a whole number from 1 to 500`
   */
  constructor(prop: string, found: unknown, allowed: string) {
    super(`${prop}: found ${typeof found === 'string' ? `'${found}'` : String(found)}, expected ${allowed}`);
    this.name = 'PropsError';
  }
}

/** True for a mistake in what was given: its message says all, and a stack would only hide it. */
export function isInputError(error: unknown): error is PropsError | DocumentError | SpecFileError {
  return error instanceof PropsError || error instanceof DocumentError || error instanceof SpecFileError;
}
