import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const ROOT = join(__dirname, '../..');

/** Runs `work` as a command does that takes long: the body of a function of a {@link Work}. */
function runWork(work: string): { readonly stderr: string; readonly status: number | null } {
  const script = `
    const { spawn } = require('node:child_process');
    const { doWork } = require('./cli/work');
    doWork('test', async ({ signal }) => { ${work} });
  `;
  return spawnSync(process.execPath, ['--require', 'tsx/cjs', '--eval', script], { cwd: ROOT, encoding: 'utf8' });
}

test('any number of processes may be ended by one interrupt, without a word of Node', () => {
  const { stderr, status } = runWork(`
    // GIVEN work with a process for each of many candidates
    const children = Array.from({ length: 12 }, () => spawn('sleep', ['60'], { signal, killSignal: 'SIGKILL' }));
    const ended = Promise.all(children.map((child) => new Promise((resolve) => child.on('error', resolve))));
    // WHEN it is interrupted
    process.kill(process.pid, 'SIGINT');
    await ended;
    signal.throwIfAborted();
  `);
  // THEN
  expect(stderr).toBe('interrupted, nothing was changed\n');
  expect(status).toBe(130);
});
