import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

const CLI = join(__dirname, '../../../.build/headroom.js');
const LONG_SECONDS = 1_000;
const POLL_MS = 20;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'headroom-interrupt-'));
  mkdirSync(join(folder, 'tmp'));
  writeFileSync(join(folder, 'sums.txt'), 'a saved model');
  const python = join(folder, 'python');
  // Works as converters do: with a program of its own, a temporary file, and no end in sight.
  writeFileSync(
    python,
    `#!/bin/sh
sleep ${LONG_SECONDS} & echo "$! $$" > '${folder}/pids'
touch "\${TMPDIR:-/tmp}/half-written"
while :; do echo '{"progress":"converting"}'; sleep 0.05; done
`,
  );
  chmodSync(python, 0o755);
});
afterEach(() => rmSync(folder, { recursive: true }));

const COMMAND = [process.execPath, CLI, 'export', 'sums.txt', '--python', './python'];

function start(command: readonly string[]) {
  const [executable = '', ...args] = command;
  const env = { ...process.env, TMPDIR: join(folder, 'tmp') };
  const child = spawn(executable, args, { cwd: folder, env });
  const written = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].on('data', (chunk) => {
      written[name] += String(chunk);
    });
  }
  // As a shell has it.
  const codeOf = (code: number | null, signal: NodeJS.Signals | null) =>
    signal === null ? code : 128 + constants.signals[signal];
  const ended = new Promise((resolve) => child.on('close', (...end) => resolve(codeOf(...end))));
  return { child, written, ended };
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Processes that were killed are there until whoever adopted them has taken notice. */
async function expectNothingLeft(): Promise<void> {
  const pids = readFileSync(join(folder, 'pids'), 'utf8').trim().split(' ').map(Number);
  while (pids.some(isRunning)) await sleep(POLL_MS);
  expect(readdirSync(join(folder, 'tmp'))).toEqual([]);
  expect(readdirSync(folder).sort()).toEqual(['pids', 'python', 'sums.txt', 'tmp']);
}

describe('an export that is ended', () => {
  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('by %s leaves nothing behind, and says so', async (name) => {
    // GIVEN an export whose Python has begun
    const { child, written, ended } = start(COMMAND);
    while (!written.stderr.includes('converting')) await sleep(POLL_MS);
    // WHEN it gets the signal
    child.kill(name);
    // THEN its exit code is the signal's, and neither a process nor a file is left
    expect(await ended).toBe(128 + constants.signals[name]);
    expect(written.stderr).toMatch(/\ninterrupted, nothing was changed\n$/);
    await expectNothingLeft();
  });

  test('by a reader who has gone leaves nothing behind', async () => {
    // GIVEN a reader who takes no more than a line
    const { ended } = start(['sh', '-c', '"$@" 2>&1 | head -n 1', 'sh', ...COMMAND]);
    // WHEN the export goes on talking
    await ended;
    // THEN it ends, with all that it has started
    await expectNothingLeft();
  });
});
