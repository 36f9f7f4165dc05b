import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { PythonError } from '../errors';

/** A Python that can make virtual environments. */
export interface Python {
  /** Absolute path. */
  readonly executable: string;
  /** Major and minor, such as 3.11. */
  readonly version: string;
}

/** Names that Python goes by, the likelier ones first. */
const NAMES = ['python3', 'python', 'python3.14', 'python3.13', 'python3.12', 'python3.11'] as const;
/** Oldest that the pinned packages can be had for. */
const LEAST_MINOR = 11;

/** One line: path, major, minor, and whether virtual environments can be made. */
const ASK = `import sys, importlib.util as u
print(sys.executable, *sys.version_info[:2], all(map(u.find_spec, ("venv", "ensurepip"))), sep="\\n")`;

const run = promisify(execFile);

/**
 * The first Python on the path that is new enough and can make virtual environments.
 * @throws PythonError in one sentence with what was found instead
 */
export async function findPython(names: readonly string[] = NAMES): Promise<Python> {
  const unfit: string[] = [];
  for (const name of names) {
    const found = await ask(name);
    if (found === undefined) continue;
    const { executable, major, minor, hasVenv } = found;
    const version = `${major}.${minor}`;
    if (major !== 3 || minor < LEAST_MINOR) unfit.push(`${name} is ${version}`);
    else if (!hasVenv) unfit.push(`${name} (${version}) lacks venv, on Debian: apt-get install python3-venv`);
    else return { executable, version };
  }
  const found = unfit.length === 0 ? `none of ${names.join(', ')} is there` : unfit.join('; ');
  throw new PythonError(`needs Python 3.${LEAST_MINOR} or newer with venv: ${found}`);
}

async function ask(name: string) {
  try {
    const { stdout } = await run(name, ['-c', ASK], { env: process.env });
    const [executable = '', major, minor, hasVenv] = stdout.trim().split('\n');
    return { executable, major: Number(major), minor: Number(minor), hasVenv: hasVenv === 'True' };
  } catch {
    return undefined;
  }
}
