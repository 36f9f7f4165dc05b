import { setImmediate as nextTurn } from 'node:timers/promises';

/** Few enough that nobody waits for them, and a multiple of the rows of a request. */
export const ROWS_A_TURN = 256;

/**
 * Makes something of consecutive rows, some at a time: interrupts are only heard between turns of the event loop.
 * @param make of a part of the rows, and the index of its first
 * @throws the signal's reason when it is aborted
 */
export async function inTurns<Row, Made>(
  rows: readonly Row[],
  signal: AbortSignal,
  make: (part: readonly Row[], start: number) => readonly Made[],
): Promise<Made[]> {
  const made: Made[] = [];
  for (let start = 0; start < rows.length; start += ROWS_A_TURN) {
    for (const one of make(rows.slice(start, start + ROWS_A_TURN), start)) made.push(one);
    await nextTurn();
    signal.throwIfAborted();
  }
  return made;
}
