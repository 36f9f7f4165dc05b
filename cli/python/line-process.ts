import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { codeOf } from '../../lib/spec/code-of';

export interface LineProcess {
  readonly executable: string;
  readonly args: readonly string[];
  /** What it reads from stdin. */
  readonly input: string;
  /** Folder for its temporary files: a program that is ended does not remove them. */
  readonly temporary: string;
  readonly signal: AbortSignal;
}

const HAS_GROUPS = process.platform !== 'win32';

/** A process ended with another code than 0; the message is the last thing it wrote to stderr. */
export class LineProcessFailed extends Error {}

/** Longest text of a process's errors that is kept. */
const MAX_ERROR_CHARACTERS = 20_000;

/**
 * Runs a program and hands over each line of its stdout.
 * @throws LineProcessFailed where it fails or cannot be started
 * @throws the signal's reason when it is aborted, after the program and what it started have been ended
 */
export async function runLines(
  { executable, args, input, temporary, signal }: LineProcess,
  onLine: (line: string) => void,
): Promise<void> {
  signal.throwIfAborted();
  // Compiled scripts would be written beside the scripts, which may not be this user's.
  const python = { PYTHONDONTWRITEBYTECODE: '1', PYTHONUNBUFFERED: '1' };
  const env = { ...process.env, ...python, TMPDIR: temporary, TEMP: temporary, TMP: temporary };
  // A group of its own, so that what the program starts ends with it.
  const child = spawn(executable, args, { stdio: ['pipe', 'pipe', 'pipe'], env, detached: HAS_GROUPS });
  const end = () => endGroup(child);
  signal.addEventListener('abort', end);
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors = (errors + String(chunk)).slice(-MAX_ERROR_CHARACTERS);
  });
  // A program that ends before it has read all says why by other means.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const ended = new Promise<string | undefined>((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code, by) =>
      resolve(code === 0 ? undefined : (lastLine(errors) ?? `ended with ${by ?? `code ${code}`}`)),
    );
  });
  try {
    for await (const line of createInterface({ input: child.stdout })) onLine(line);
    const failure = await ended;
    signal.throwIfAborted();
    if (failure !== undefined) throw new LineProcessFailed(failure);
  } finally {
    signal.removeEventListener('abort', end);
  }
}

function endGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(HAS_GROUPS ? -child.pid : child.pid, 'SIGKILL');
  } catch (error) {
    // It has ended by itself.
    if (codeOf(error) !== 'ESRCH') throw error;
  }
}

function lastLine(text: string): string | undefined {
  return text.trim().split('\n').at(-1)?.trim() || undefined;
}
