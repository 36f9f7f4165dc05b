import { expect, test } from '@jest/globals';
import { Rejections } from '../../../service/batch/rejections';

test('the problem of most rows is the most frequent one, the first of equal ones', () => {
  const rejections = new Rejections();
  expect(rejections.mostFrequent).toBeUndefined();
  rejections.add(['a', 'b']);
  expect(rejections.mostFrequent).toEqual({ problem: 'a', rows: 1 });
  rejections.add(['b']);
  expect(rejections.mostFrequent).toEqual({ problem: 'b', rows: 2 });
});

test('all rows are counted, however many problems there are', () => {
  const rejections = new Rejections();
  rejections.add(Array.from({ length: 5000 }, (_, n) => `'age' is ${-n}`));
  expect(rejections.total).toBe(5000);
});
