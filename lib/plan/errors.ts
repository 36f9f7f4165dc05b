import { keyword } from '../spec/describe';

/** A recording, a trace or a profile that cannot be used; the message names the file and what is wrong in one sentence. */
export class PlanInputError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'PlanInputError';
  }
}

/** A sentence about a file that cannot be read. */
export function unreadable(what: string, file: string, cause: unknown): PlanInputError {
  const reason = String(keyword(cause, 'message') ?? cause).replace(/,? open '.*'$/, '');
  return new PlanInputError(`cannot read the ${what} ${file}: ${reason}`, cause);
}
