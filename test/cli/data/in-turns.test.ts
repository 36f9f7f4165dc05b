import { expect, test } from '@jest/globals';
import { inTurns, ROWS_A_TURN } from '../../../cli/data/in-turns';

const ROWS = Array.from({ length: 2 * ROWS_A_TURN + 1 }, (_, i) => i);

test('rows are made into something in their order, each part told where it begins', async () => {
  const starts: number[] = [];
  const made = await inTurns(ROWS, new AbortController().signal, (part, start) => {
    starts.push(start);
    return part.map((row) => row - start);
  });
  expect(starts).toEqual([0, ROWS_A_TURN, 2 * ROWS_A_TURN]);
  expect(made).toEqual(ROWS.map((row) => row % ROWS_A_TURN));
});

test('what others do between turns is heard', async () => {
  const interrupt = new AbortController();
  const parts: number[] = [];
  const making = inTurns(ROWS, interrupt.signal, (_, start) => {
    parts.push(start);
    setImmediate(() => interrupt.abort());
    return [];
  });
  await expect(making).rejects.toMatchObject({ name: 'AbortError' });
  expect(parts).toEqual([0]);
});
