import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { givenRows } from '../../../cli/export/given-rows';
import type { TensorSignature } from '../../../service/tensor';

const SENTENCES: TensorSignature = {
  inputs: [{ name: 'tokens', datatype: 'INT64', shape: ['batch', 'words'] }],
  outputs: [],
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'headroom-rows-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('rows of several lengths are asked in requests of one length each', async () => {
  // GIVEN sentences of two, two and three words
  const file = join(folder, 'sentences.jsonl');
  writeFileSync(file, '{"tokens":[1,2]}\n{"tokens":[3,4]}\n{"tokens":[5,6,7]}\n');
  // WHEN they are read
  const requests = await givenRows(file, SENTENCES, undefined, new AbortController().signal);
  // THEN no request mixes lengths, and the rows keep their order
  expect(requests.map(([tokens]) => tokens)).toEqual([
    { datatype: 'INT64', shape: [2, 2], data: new BigInt64Array([1n, 2n, 3n, 4n]) },
    { datatype: 'INT64', shape: [1, 3], data: new BigInt64Array([5n, 6n, 7n]) },
  ]);
});
