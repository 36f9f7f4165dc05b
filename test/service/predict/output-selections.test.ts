import { expect, test } from '@jest/globals';
import { outputSelections } from '../../../service/predict/output-selections';

test('of few outputs every selection in every order', () => {
  expect(outputSelections(2, []).map(String).sort()).toEqual(['0', '0,1', '1', '1,0']);
  expect([1, 2, 3, 4].map((outputs) => new Set(outputSelections(outputs, []).map(String)).size)).toEqual([
    1, 4, 15, 64,
  ]);
});

test('of many outputs all, each, and those that are known', () => {
  expect(outputSelections(5, [[3, 1], [], [2]]).map(String)).toEqual(['0,1,2,3,4', '0', '1', '2', '3', '4', '3,1']);
});
