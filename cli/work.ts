import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { interruptible } from './interrupts';

/** What a command that takes long works with. */
export interface Work {
  /** Folder for files; it goes when the command ends. */
  readonly folder: string;
  /** Aborted by an interrupt. */
  readonly signal: AbortSignal;
  /** Tells a person how far it is. */
  progress(message: string): void;
}

/**
 * Runs `work` with a folder that is gone afterwards, and a signal that an interrupt aborts; then the interrupt is told,
 * and nothing is thrown. What the signal ends, and the folder, also go where the process has to end at once.
 *
 * @param command for the folder's name
 */
export async function doWork(command: string, work: (work: Work) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), `headroom-${command}-`));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    await interruptible(
      () => 'interrupted, nothing was changed',
      async (signal) => {
        // After what the signal ends, which may still write into it.
        process.on('exit', remove);
        const progress = (message: string) => void process.stderr.write(`${message}\n`);
        await work({ folder, signal, progress });
      },
    );
  } finally {
    process.off('exit', remove);
    remove();
  }
}
