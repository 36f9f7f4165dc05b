import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { headroom } from '../support/command-line';

const HEADROOM = join(__dirname, '../../.build/headroom.js');

test.each([
  ['plan', '--spec', "--spec is '', expected <file>"],
  ['simulate', '--trace', "--trace is '', expected <file>"],
  ['checklist', '--reports', "--reports is '', expected <folder>"],
])('headroom %s %s with an empty word says what is expected', async (command, flag, message) => {
  // GIVEN a variable of a script that is not set
  const { stderr, code } = await headroom(command, flag, '');
  expect([code, stderr]).toEqual([2, `error: ${message}\n`]);
});

describe('headroom whose output nobody reads to its end', () => {
  test('ends without a stack trace, with the exit code of its verdict', () => {
    // GIVEN a reader that is gone before the first word
    const script = '("$0" "$@"; echo "exit code $?" >&2) | true';
    // WHEN a command writes to it
    const spec = join(__dirname, '../../headroom.yaml');
    const args = ['simulate', '--spec', spec, '--shape', 'diurnal', '--growth', '10', '--json'];
    const { stderr } = spawnSync('sh', ['-c', script, process.execPath, HEADROOM, ...args], { encoding: 'utf8' });
    // THEN it says nothing of it
    expect(stderr).toBe('exit code 1\n');
  });
});
