import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { agreement } from '../../../cli/optimize/agreement';
import { signatureDifference } from '../../../cli/optimize/same-signature';
import { ModelSession } from '../../../service/runtime/session';
import type { Tensor } from '../../../service/tensor';

// Made by test/fixtures/optimize/make.py with the pinned packages; `npm run e2e:optimize` makes them anew and compares.
const FIXTURES = join(__dirname, '../../fixtures/optimize');
const ROWS = 64;

const sizeOf = (name: string) => statSync(join(FIXTURES, `${name}.onnx`)).size;

function rows(): Tensor {
  const bytes = readFileSync(join(FIXTURES, 'rows.f32'));
  const data = new Float32Array(new Uint8Array(bytes).buffer);
  return { datatype: 'FP32', shape: [ROWS, data.length / ROWS], data };
}

async function answered(name: string) {
  const session = await ModelSession.open(join(FIXTURES, `${name}.onnx`), { intraOpThreads: 1 });
  const { outputs } = await session.run([rows()], [0]);
  const { signature } = session;
  await session.release();
  return { outputs, signature };
}

/** The least share of rows that must keep their class; pruning takes what it takes, and the model was never trained. */
describe.each([
  ['dynamic-int8', 0.95],
  ['static-int8', 0.95],
  ['fp16', 0.98],
  ['prune-magnitude', 0.5],
  ['prune-structured', 0.5],
])('what %s makes of a classifier', (name, least) => {
  test('runs, with the same signature', async () => {
    const [original, made] = [await answered('tiny'), await answered(name)];
    expect(signatureDifference(original.signature, made.signature)).toBeUndefined();
  });

  test('answers nearly as the original does', async () => {
    const [original, made] = [await answered('tiny'), await answered(name)];
    expect(agreement(original.outputs, made.outputs, 0)).toBeGreaterThanOrEqual(least);
    expect(made.outputs[0]?.data).not.toEqual(original.outputs[0]?.data);
  });
});

test('structured pruning and half precision make the file smaller', () => {
  for (const name of ['prune-structured', 'fp16']) expect(sizeOf(name)).toBeLessThan(0.8 * sizeOf('tiny'));
});

describe('a signature', () => {
  const float = (name: string, shape: (number | string)[]) => ({ name, datatype: 'FP32' as const, shape });
  const original = { inputs: [float('x', ['batch', 4])], outputs: [float('y', ['batch', 2])] };

  test('with another name for the rows is the same', () => {
    const renamed = { inputs: [float('x', ['n', 4])], outputs: [float('y', ['n', 2])] };
    expect(signatureDifference(original, renamed)).toBeUndefined();
  });

  test.each([
    ['another datatype', { ...original, inputs: [{ ...float('x', ['batch', 4]), datatype: 'FP16' as const }] }, 'FP16'],
    ['another width', { ...original, outputs: [float('y', ['batch', 3])] }, "output 'y' FP32 [?, 2] becomes"],
    [
      'an output more',
      { ...original, outputs: [...original.outputs, float('z', ['batch'])] },
      '2 outputs instead of 1',
    ],
    ['rows of other names', { ...original, outputs: [float('y', ['other', 2])] }, 'rows can no longer be batched'],
  ])('with %s is not', (_, changed, message) => {
    expect(signatureDifference(original, changed)).toContain(message);
  });
});
