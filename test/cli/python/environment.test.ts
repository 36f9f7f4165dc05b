import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openEnvironment, pythonCacheFolder } from '../../../cli/python/environment';
import { findPython } from '../../../cli/python/find-python';
import { runTask } from '../../../cli/python/task';

const { PATH = '' } = process.env;
let folder: string;
let requirements: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'headroom-python-'));
  requirements = join(folder, 'requirements.txt');
  writeFileSync(requirements, 'numpy==2.4.6\n');
  mkdirSync(join(folder, 'bin'));
  process.env.PATH = `${join(folder, 'bin')}${delimiter}${PATH}`;
});
afterEach(() => {
  process.env.PATH = PATH;
  rmSync(folder, { recursive: true });
});

/**
 * A program that answers as Python does when it is asked who it is, when it makes an environment, and when pip runs in
 * it: what an interpreter does with packages is not what is tested here, and takes minutes and a network.
 */
function python(name: string, { version = '3\\n12', hasVenv = 'True', pip = 'echo Collecting numpy' } = {}): string {
  const path = join(folder, 'bin', name);
  writeFileSync(
    path,
    `#!/bin/sh
echo "$*" | head -1 >> '${folder}/calls'
case "$1 $2" in
  -c*) printf '%s\\n${version}\\n${hasVenv}\\n' "$0" ;;
  "-m venv") mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
  "-m pip") ${pip} ;;
esac
`,
  );
  chmodSync(path, 0o755);
  return path;
}

function open(signal = new AbortController().signal) {
  const told: string[] = [];
  const cacheFolder = join(folder, 'cache');
  const opened = openEnvironment({ requirements, cacheFolder, signal, progress: (line) => void told.push(line) });
  return { opened, told, cacheFolder };
}

describe('a Python is found', () => {
  test('where the first one is too old and the second is not', async () => {
    python('python3', { version: '3\\n9' });
    const good = python('python');
    expect(await findPython(['python3', 'python'])).toEqual({ executable: good, version: '3.12' });
  });

  test('not where none is new enough or complete, and it says what was there', async () => {
    python('python3', { version: '3\\n9' });
    python('python', { hasVenv: 'False' });
    await expect(findPython(['python3', 'python'])).rejects.toThrow(
      'needs Python 3.11 or newer with venv: python3 is 3.9; python (3.12) lacks venv, on Debian: apt-get install python3-venv',
    );
  });
});

describe('the Python environment', () => {
  test('is made once, with progress, and found again', async () => {
    python('python3');
    const first = open();
    const { executable } = await first.opened;
    expect(existsSync(executable)).toBe(true);
    expect(first.told).toEqual([
      expect.stringMatching(/^making a Python environment in .*, once$/),
      'Collecting numpy',
    ]);
    const second = open();
    expect(await second.opened).toEqual({ executable });
    expect(second.told).toEqual([]);
  });

  test('is another one for other requirements', async () => {
    python('python3');
    const { executable } = await open().opened;
    writeFileSync(requirements, 'numpy==2.4.7\n');
    expect((await open().opened).executable).not.toBe(executable);
  });

  test('whose packages cannot be had is not left behind half made', async () => {
    python('python3', { pip: 'echo "ERROR: no network" >&2; exit 1' });
    const { opened, cacheFolder } = open();
    await expect(opened).rejects.toThrow('its packages cannot be installed: ERROR: no network');
    expect(readdirSync(cacheFolder)).toEqual([]);
  });

  test('that is interrupted is not left behind half made', async () => {
    python('python3', { pip: 'echo Collecting numpy; exec sleep 60' });
    const controller = new AbortController();
    const cacheFolder = join(folder, 'cache');
    const progress = (line: string) => {
      if (line.startsWith('Collecting')) controller.abort();
    };
    await expect(openEnvironment({ requirements, cacheFolder, signal: controller.signal, progress })).rejects.toThrow(
      'aborted',
    );
    expect(readdirSync(cacheFolder)).toEqual([]);
    expect(readFileSync(join(folder, 'calls'), 'utf8')).toContain('-m pip install');
  });

  test('lies in the cache of the user', () => {
    expect(pythonCacheFolder({ XDG_CACHE_HOME: '/c' })).toBe(join('/c', 'headroom', 'python'));
  });
});

describe('a task', () => {
  /** Scripts of another language: what counts is what is read and written. */
  function run(script: string, task: unknown = {}) {
    const path = join(folder, 'task.cjs');
    writeFileSync(path, script);
    const told: string[] = [];
    const { signal } = new AbortController();
    const progress = (line: string) => void told.push(line);
    return {
      told,
      result: runTask({ executable: process.execPath }, { script: path, task, folder, signal, progress }),
    };
  }
  const say = (line: object) => `console.log(${JSON.stringify(JSON.stringify(line))});`;

  test('tells its progress and its result', async () => {
    const { told, result } = run(
      `${say({ progress: 'half' })}console.log('a library speaks');${say({ result: { a: 1 } })}`,
    );
    expect(await result).toEqual({ a: 1 });
    expect(told).toEqual(['half']);
  });

  test('gets what it is asked', async () => {
    const echo = `console.log(JSON.stringify({result: JSON.parse(require('fs').readFileSync(0, 'utf8'))}))`;
    expect(await run(echo, { model: 'm.onnx' }).result).toEqual({ model: 'm.onnx' });
  });

  test.each([
    [
      'that cannot be done says why',
      say({ error: 'the model has no Conv to quantise' }),
      'the model has no Conv to quantise',
    ],
    [
      'that breaks tells its last words',
      `console.error('Killed'); process.exit(9)`,
      'the Python script failed: Killed',
    ],
    ['without a result is one that failed', '', 'ended without a result'],
  ])('%s', async (_, script, message) => {
    await expect(run(script).result).rejects.toThrow(message);
  });
});
