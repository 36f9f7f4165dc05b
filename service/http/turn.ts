let end: Promise<void> | undefined;

/**
 * Resolves at the end of the event loop's present turn, for all who ask in it at once.
 *
 * Requests that arrive together are then read together, and worked on and answered together. The same code runs for one
 * request after the other while the processor still has it at hand, which at 64 connections makes up to 1.6 times as many
 * answers in the same time as going all the way with each request (docs/performance.md). A request that comes alone
 * waits for nothing: its turn ends when it has been read.
 */
export function endOfTurn(): Promise<void> {
  end ??= new Promise((resolve) => {
    setImmediate(() => {
      end = undefined;
      resolve();
    });
  });
  return end;
}
