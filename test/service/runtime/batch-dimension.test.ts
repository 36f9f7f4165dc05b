import { describe, expect, test } from '@jest/globals';
import { batchDimension } from '../../../service/runtime/batch-dimension';
import type { TensorSpec } from '../../../service/tensor';

type Shape = readonly (number | string)[];

function specs(prefix: string, shapes: readonly Shape[]): TensorSpec[] {
  return shapes.map((shape, i) => ({ name: `${prefix}${i}`, datatype: 'FP32', shape }));
}

describe('batchDimension', () => {
  test('is the named first dimension that all inputs and outputs share', () => {
    const signature = { inputs: specs('x', [['N', 3], ['N']]), outputs: specs('y', [['N', 'classes']]) };
    expect(batchDimension(signature)).toEqual({ name: 'N' });
  });

  const refused: readonly (readonly [string, readonly Shape[], readonly Shape[]])[] = [
    ["input 'x0' is a scalar", [[]], [['N']]],
    ["input 'x0' has the fixed first dimension 1", [[1, 4]], [[1, 4]]],
    ["input 'x1' is a scalar, not 'N'", [['N', 2], []], [['N', 2]]],
    ["input 'x1' has the first dimension 'M', not 'N'", [['N'], ['M']], [['N']]],
    ["output 'y0' has the fixed first dimension 2, not 'N'", [['N', 2]], [[2, 'N']]],
    [
      "output 'y0' has a first dimension without a name; give inputs and outputs the same one (docs/models.md)",
      [['N', 2]],
      [['?1', 2]],
    ],
    ["'x0' has the dimension 'N' a second time", [['N', 'N']], [['N']]],
    ['the model has no inputs', [], [['N']]],
  ];

  test.each(refused)('is none where %s', (reason, inputs, outputs) => {
    expect(batchDimension({ inputs: specs('x', inputs), outputs: specs('y', outputs) })).toEqual({ reason });
  });
});
