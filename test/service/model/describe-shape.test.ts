import { expect, test } from '@jest/globals';
import { describeShape } from '../../../service/model/describe-shape';

test.each([
  [['N', 3], '[N, 3]'],
  [['', 3], '[?, 3]'],
  [['?1', 13], '[?, 13]'],
  [[], '[]'],
])('the shape %j is told as %s', (shape, text) => {
  expect(describeShape(shape)).toBe(text);
});
