import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Exit code of a command that an interrupt ended, as shells expect it. */
const EXIT_BY_INTERRUPT = 130;

/** Ctrl-C, a polite end, a terminal that is closed. */
const INTERRUPTS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs `work` with a folder that is gone afterwards, and a signal that an interrupt aborts; then the interrupt is told,
 * and nothing is thrown.
 * @param command for the folder's name
 */
export async function inWorkFolder(
  command: string,
  work: (folder: string, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), `headroom-${command}-`));
  const controller = new AbortController();
  const abort = () => controller.abort();
  for (const name of INTERRUPTS) process.on(name, abort);
  try {
    await work(folder, controller.signal);
  } catch (error) {
    if (!controller.signal.aborted) throw error;
    process.stderr.write('interrupted, nothing was changed\n');
    process.exitCode = EXIT_BY_INTERRUPT;
  } finally {
    for (const name of INTERRUPTS) process.off(name, abort);
    rmSync(folder, { recursive: true, force: true });
  }
}
