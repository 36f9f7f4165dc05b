/** Exit code of a command that an interrupt ended, as shells expect it. */
export const EXIT_BY_INTERRUPT = 130;

/** Ctrl-C, a polite end, a terminal that is closed. */
export const INTERRUPTS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs `work` with a signal that an interrupt aborts. Then the exit code is that of an interrupt, and what is thrown is
 * no fault: it is told in a sentence.
 * @param unfinished what to tell of work that could not come to an end
 */
export async function interruptible(unfinished: string, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const controller = new AbortController();
  const interrupt = () => {
    // Who asks twice does not want to wait for an orderly end.
    if (controller.signal.aborted) process.exit(EXIT_BY_INTERRUPT);
    controller.abort();
  };
  for (const name of INTERRUPTS) process.on(name, interrupt);
  try {
    await work(controller.signal);
  } catch (error) {
    if (!controller.signal.aborted) throw error;
    process.stderr.write(`${unfinished}\n`);
  } finally {
    for (const name of INTERRUPTS) process.off(name, interrupt);
  }
  if (controller.signal.aborted) process.exitCode = EXIT_BY_INTERRUPT;
}
