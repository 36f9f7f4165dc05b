/** Exit codes of every command. */
export const EXIT = {
  failedVerdict: 1,
  wrongUse: 2,
  /** Of work that is tried again by itself: another try would end the same. */
  doNotRetry: 42,
} as const;

/** A mistake of the person at the command line, told in one sentence without a stack trace. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}
