import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '../../lib/spec/message-of';
import { PythonError } from '../errors';
import { findPython } from './find-python';
import { type LineProcess, LineProcessFailed, runLines } from './line-process';

/** What a virtual environment is made from. */
export interface EnvironmentRequest {
  /** File of pinned packages, as pip reads it. */
  readonly requirements: string;
  /** Folder of all environments; see {@link pythonCacheFolder}. */
  readonly cacheFolder: string;
  readonly signal: AbortSignal;
  progress(message: string): void;
}

/** A virtual environment with the packages that were asked for. */
export interface PythonEnvironment {
  /** Its interpreter. */
  readonly executable: string;
}

/** Where environments are kept between commands: the user's cache. */
export function pythonCacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  return join(env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'headroom', 'python');
}

/**
 * The virtual environment of a requirements file, made where it is not there yet. Its name is the digest of the
 * requirements and the version of Python: other pins get another environment. It is made beside its place and moved
 * there when it is complete, so that one that was interrupted is never used.
 *
 * @throws PythonError in one sentence where there is no Python or no package to be had
 * @throws the signal's reason when it is aborted
 */
export async function openEnvironment(request: EnvironmentRequest): Promise<PythonEnvironment> {
  const { requirements, cacheFolder, signal, progress } = request;
  const python = await findPython();
  const pins = readFileSync(requirements);
  const key = createHash('sha256').update(pins).update(python.version).digest('hex').slice(0, 16);
  const folder = join(cacheFolder, key);
  const environment = { executable: join(folder, ...INTERPRETER) };
  if (existsSync(environment.executable)) return environment;
  const partial = `${folder}.partial-${process.pid}`;
  try {
    const temporary = join(partial, 'tmp');
    mkdirSync(temporary, { recursive: true });
    progress(`making a Python environment in ${folder}, once`);
    const made = { executable: python.executable, args: ['-m', 'venv', partial], temporary };
    await run(made, 'a virtual environment cannot be made', request);
    const install = ['-m', 'pip', 'install', '--disable-pip-version-check', '--no-input', '-r', requirements];
    const filled = { executable: join(partial, ...INTERPRETER), args: install, temporary };
    await run(filled, 'its packages cannot be installed', request);
    rmSync(temporary, { recursive: true });
    moveIntoPlace(partial, folder);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof PythonError) throw error;
    throw new PythonError(`no Python environment: ${messageOf(error)}`);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  return environment;
}

const INTERPRETER = process.platform === 'win32' ? (['Scripts', 'python.exe'] as const) : (['bin', 'python'] as const);

/** What of pip's output tells a person how far it is. */
const STEP = /^(Collecting|Downloading|Installing collected packages)\b[^(]*/;

async function run(
  program: Pick<LineProcess, 'executable' | 'args' | 'temporary'>,
  failure: string,
  { signal, progress }: EnvironmentRequest,
): Promise<void> {
  try {
    await runLines({ ...program, input: '', signal }, (line) => {
      const step = STEP.exec(line)?.[0].trim();
      if (step !== undefined) progress(step.slice(0, 100));
    });
  } catch (error) {
    if (error instanceof LineProcessFailed) throw new PythonError(`${failure}: ${error.message}`);
    throw error;
  }
}

/** Another command may have been faster; then its environment, of the same pins, is the one. */
function moveIntoPlace(partial: string, folder: string): void {
  try {
    renameSync(partial, folder);
  } catch (error) {
    if (!existsSync(join(folder, ...INTERPRETER))) throw error;
  }
}
