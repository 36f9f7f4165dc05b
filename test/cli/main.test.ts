import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';

const HEADROOM = join(__dirname, '../../.build/headroom.js');

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
