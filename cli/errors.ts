import { FINAL_EXIT_CODES } from '../lib/contract';
import { InputError } from '../lib/spec/input-error';

/** Exit codes of every command. */
export const EXIT = { failedVerdict: 1, ...FINAL_EXIT_CODES } as const;

/** A mistake of the person at the command line, told in one sentence without a stack trace. */
export class UsageError extends InputError {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}

/** There is no Python to do a task with, or it cannot be set up; one sentence that says what is missing. */
export class PythonError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'PythonError';
  }
}

/** A task of Python makes no sense for what it was asked of, for the reason given. */
export class UnsuitableTask extends PythonError {
  constructor(message: string) {
    super(message);
    this.name = 'UnsuitableTask';
  }
}
