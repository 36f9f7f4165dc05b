import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';

/** The first import of a framework takes a minute and more on a slow disk; what takes longer than this hangs. */
export const LIMIT_MS = 900_000;

export interface Ended {
  /** As a shell has it: of what a signal ended, 128 and the signal's number. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a user's shell has: the folder's own `headroom` and Python first. */
export function environmentOf(folder: string): NodeJS.ProcessEnv {
  const PATH = [join(folder, 'bin'), join(folder, '.venv/bin'), process.env.PATH].join(':');
  return { ...process.env, PATH };
}

/**
 * Types a command in a folder, and waits for its end.
 * @param during sees all of stderr so far
 */
export function runTyped(
  folder: string,
  command: string,
  env: NodeJS.ProcessEnv = {},
  during: (stderr: string, child: ChildProcess) => void = () => undefined,
): Promise<Ended> {
  const child = spawn('sh', ['-c', `exec ${command}`], {
    cwd: folder,
    env: { ...environmentOf(folder), ...env },
    timeout: LIMIT_MS,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk) => {
    stdout += String(chunk);
  });
  child.stderr.on('data', (chunk) => {
    stderr += String(chunk);
    during(stderr, child);
  });
  const codeOf = (code: number | null, signal: NodeJS.Signals | null) =>
    code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
  return new Promise((resolve) => {
    child.on('close', (code, signal) => resolve({ code: codeOf(code, signal), stdout, stderr }));
  });
}
