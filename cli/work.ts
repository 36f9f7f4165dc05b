import { mkdtempSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';

/** What a command that takes long works with. */
export interface Work {
  /** Folder for files; it goes when the command ends. */
  readonly folder: string;
  /** Aborted by an interrupt. */
  readonly signal: AbortSignal;
  /** Tells a person how far it is. */
  progress(message: string): void;
}

/** Ctrl-C, a polite end, a terminal that is closed. */
const INTERRUPTS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** What shells add to a signal's number for the exit code of what it ended. */
const EXIT_BY_SIGNAL = 128;

/**
 * Runs `work` with a folder that is gone afterwards, and a signal that an interrupt aborts; then the interrupt is told,
 * and nothing is thrown. What the signal ends, and the folder, also go where the process has to end at once.
 *
 * @param command for the folder's name
 */
export async function doWork(command: string, work: (work: Work) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), `headroom-${command}-`));
  const controller = new AbortController();
  let exitCode = 0;
  const interrupt = (name: (typeof INTERRUPTS)[number]) => {
    exitCode = EXIT_BY_SIGNAL + constants.signals[name];
    controller.abort();
  };
  const leave = () => {
    controller.abort();
    rmSync(folder, { recursive: true, force: true });
  };
  for (const name of INTERRUPTS) process.on(name, interrupt);
  process.on('exit', leave);
  try {
    const progress = (message: string) => void process.stderr.write(`${message}\n`);
    await work({ folder, signal: controller.signal, progress });
  } catch (error) {
    if (!controller.signal.aborted) throw error;
    process.exitCode = exitCode;
    process.stderr.write('interrupted, nothing was changed\n');
  } finally {
    for (const name of INTERRUPTS) process.off(name, interrupt);
    process.off('exit', leave);
    rmSync(folder, { recursive: true, force: true });
  }
}
