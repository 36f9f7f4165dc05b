/** Exit codes of every command. */
export const EXIT = { failedVerdict: 1, wrongUse: 2 } as const;

/** A mistake of the person at the command line, told in one sentence without a stack trace. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}
