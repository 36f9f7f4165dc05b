import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { UsageError } from '../../errors';
import type { Announcement } from '../../serve-banner';

/** A service that the load generator started, in a process of its own so that both do not share an event loop. */
export interface LocalService {
  readonly announcement: Announcement;
  /** From the start of its process until all models were loaded. */
  readonly readySeconds: number;
  stop(): Promise<void>;
}

/**
 * Starts `headroom serve` on ports that are free.
 * @param program the bundle of the command line
 * @param flags which models
 * @param signal ends the waiting for its start, and the service with it
 * @param cores on how many cores it may run; undefined: on all
 * @throws UsageError with what the service said, where it does not start
 */
export async function startLocalService(
  program: string,
  flags: readonly string[],
  signal: AbortSignal,
  cores?: number,
): Promise<LocalService> {
  const startedMs = performance.now();
  const ports = ['--http-port', '0', '--admin-port', '0', '--log-level', 'error', '--json'];
  const bound = cores === undefined ? [] : ['taskset', '--cpu-list', `0-${cores - 1}`];
  const [command = '', ...args] = [...bound, process.execPath, program, 'serve', ...ports, ...flags];
  // Away from the terminal, whose Ctrl-C is for the generator: the service is needed until its metrics are read.
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: process.platform !== 'win32' });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const said: Buffer[] = [];
  child.stderr.on('data', (text: Buffer) => said.push(text));
  const exited = once(child, 'exit');
  signal.addEventListener('abort', kill);
  const [line] = await Promise.race([once(createInterface(child.stdout), 'line'), exited.then(() => [undefined])]);
  signal.removeEventListener('abort', kill);
  if (typeof line !== 'string') {
    process.off('exit', kill);
    throw new UsageError(`--local: the service does not start: ${Buffer.concat(said).toString().trim()}`);
  }
  return {
    announcement: JSON.parse(line),
    readySeconds: (performance.now() - startedMs) / 1000,
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
      process.off('exit', kill);
    },
  };
}
