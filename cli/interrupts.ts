import { setMaxListeners } from 'node:events';
import { constants } from 'node:os';

/** Ctrl-C, a polite end, a terminal that is closed. */
const INTERRUPTS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** What shells add to a signal's number for the exit code of what it ended. */
const EXIT_BY_SIGNAL = 128;

/**
 * Runs `work` with a signal that an interrupt aborts, and so does an end of the process at once. The exit code is that of
 * the interrupt then, and what is thrown is no fault: it is told in a sentence.
 * @param unfinished tells of work that could not come to an end
 * @returns whether it was interrupted
 */
export async function interruptible(
  unfinished: () => string,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<boolean> {
  const controller = new AbortController();
  // Each process that the work starts listens; beyond ten, Node would warn of a leak.
  setMaxListeners(0, controller.signal);
  let exitCode: number | undefined;
  const interrupt = (name: (typeof INTERRUPTS)[number]) => {
    // Who asks twice does not want to wait for an orderly end.
    if (exitCode !== undefined) process.exit(exitCode);
    exitCode = EXIT_BY_SIGNAL + constants.signals[name];
    // After all that others do at the exit.
    if (name === 'SIGHUP') process.on('exit', hangUp);
    controller.abort();
  };
  const leave = () => controller.abort();
  for (const name of INTERRUPTS) process.on(name, interrupt);
  process.on('exit', leave);
  try {
    await work(controller.signal);
  } catch (error) {
    if (!controller.signal.aborted) throw error;
    process.stderr.write(`${unfinished()}\n`);
  } finally {
    for (const name of INTERRUPTS) process.off(name, interrupt);
    process.off('exit', leave);
  }
  if (exitCode === undefined) return false;
  process.exitCode = exitCode;
  return true;
}

/** By the signal, which shells take for the same exit code: Node aborts where it exits without the terminal it began with. */
function hangUp(): void {
  process.removeAllListeners('SIGHUP');
  process.kill(process.pid, 'SIGHUP');
}
