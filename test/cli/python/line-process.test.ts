import { tmpdir } from 'node:os';
import { expect, test } from '@jest/globals';
import { LineProcessFailed, runLines } from '../../../cli/python/line-process';

const LONG_SECONDS = 1_000;

function shell(script: string, signal: AbortSignal = new AbortController().signal) {
  return { executable: 'sh', args: ['-c', script], input: '', temporary: tmpdir(), signal };
}

test('what an interrupted program has started ends with it', async () => {
  // GIVEN a program whose own program holds its output open
  const controller = new AbortController();
  const script = `sleep ${LONG_SECONDS} & echo started; wait`;
  // WHEN it is interrupted
  const run = runLines(shell(script, controller.signal), () => controller.abort());
  // THEN the output ends, which it only does when both have ended
  await expect(run).rejects.toMatchObject({ name: 'AbortError' });
});

test('a program that fails is told by the last line of its errors', async () => {
  const run = runLines(shell('echo first >&2; echo last >&2; exit 3'), () => undefined);
  await expect(run).rejects.toEqual(new LineProcessFailed('last'));
});

test('a program that does not exist is told', async () => {
  const run = runLines({ ...shell(''), executable: '/nowhere/python' }, () => undefined);
  await expect(run).rejects.toThrow('ENOENT');
});
