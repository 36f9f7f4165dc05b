let end: Promise<number> | undefined;
let waiting = 0;

/**
 * Resolves at the end of the event loop's present turn, for all who ask in it at once, with their number.
 *
 * Requests that arrive together are then read together, and worked on and answered together. The same code runs for one
 * request after the other while the processor still has it at hand, which at 64 connections makes up to 1.6 times as many
 * answers in the same time as going all the way with each request (docs/performance.md). A request that comes alone
 * waits for nothing: its turn ends when it has been read.
 */
export function endOfTurn(): Promise<number> {
  waiting++;
  end ??= new Promise((resolve) => {
    setImmediate(() => {
      const arrivals = waiting;
      end = undefined;
      waiting = 0;
      resolve(arrivals);
    });
  });
  return end;
}
