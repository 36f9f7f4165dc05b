import { fileProblem } from '../spec/file-problem';
import { InputError } from '../spec/input-error';

/** A recording, a trace or a profile that cannot be used; the message names the file and what is wrong in one sentence. */
export class PlanInputError extends InputError {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'PlanInputError';
  }
}

/** An SLO that no number of replicas meets: a verdict, and no mistake of the person who asks. */
export class SloUnreachableError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SloUnreachableError';
  }
}

/** A sentence about a file that cannot be read. */
export function unreadable(what: string, file: string, cause: unknown): PlanInputError {
  return new PlanInputError(`cannot read the ${what} ${file}: ${fileProblem(cause)}`, cause);
}
