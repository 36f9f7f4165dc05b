import { describe, expect, test } from '@jest/globals';
import { parseHeaderLength } from '../../../service/protocol/header';
import { refusal } from './bodies';

describe('the header Inference-Header-Content-Length', () => {
  test.each([
    [undefined, undefined],
    ['0', 0],
    ['17', 17],
    ['100', 100],
  ])('%p of a body of 100 bytes is %p', (value, length) => {
    expect(parseHeaderLength(value, 100)).toBe(length);
  });

  test.each([
    [''],
    ['-1'],
    ['+1'],
    ['1.0'],
    ['1e1'],
    ['0x10'],
    [' 1'],
    ['ten'],
    ['NaN'],
    ['10, 10'],
    ['9'.repeat(400)],
    [['10', '10']],
  ])('%p is refused', (value) => {
    expect(refusal(() => parseHeaderLength(value, 100)).message).toMatch(
      /^header Inference-Header-Content-Length is '.{0,40}', expected the length of the JSON in bytes$/,
    );
  });

  test('is refused past the end of the body', () => {
    expect(refusal(() => parseHeaderLength('101', 100)).message).toBe(
      'header Inference-Header-Content-Length is 101, but the body has only 100 bytes',
    );
  });
});
