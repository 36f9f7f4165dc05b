import { describe, expect, test } from '@jest/globals';
import { coresToTry } from '../../../../cli/load/capacity/core-scaling';

const machine = (cores: number) => ({ cpu: 'Test CPU', cores, memoryBytes: 4e9, node: 'v20.20.2' });

describe('the cores on which a capacity is found', () => {
  test.each([
    [1, []],
    [2, [1]],
    [4, [1, 2]],
    [6, [1, 2, 4]],
    [16, [1, 2, 4, 8]],
  ])('of a machine of %d double, and leave one to the load generator', (cores, expected) => {
    expect(coresToTry(undefined, machine(cores))).toEqual(expected);
  });

  test('are those asked for', () => {
    expect(coresToTry([1, 3], machine(4))).toEqual([1, 3]);
  });

  test('are refused where none is left to the load generator', () => {
    expect(() => coresToTry([1, 2], machine(2))).toThrow(
      '--cores has 2, expected at most 1: the machine has 2, and one is for the load generator',
    );
  });
});
