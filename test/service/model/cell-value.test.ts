import { describe, expect, test } from '@jest/globals';
import { cellValue } from '../../../service/model/cell-value';

describe('a cell of text is what its feature says', () => {
  test.each([
    ['a number', 'number', ' -1.5e3 ', -1500],
    ['a whole number', 'integer', '+41', 41],
    ['a truth value in words', 'boolean', ' TRUE ', true],
    ['a truth value in numbers', 'boolean', '0', false],
    ['a category as it stands', 'category', ' owner', ' owner'],
    ['a text as it stands', 'text', ' ', ' '],
    ['a text of a column that is no feature', undefined, '41', '41'],
    ['text where it is no number', 'number', '0x10', '0x10'],
    ['text where it is no truth value', 'boolean', 'yes', 'yes'],
  ] as const)('%s', (_, type, text, value) => {
    expect(cellValue(text, type)).toBe(value);
  });

  test.each(['category', 'text', undefined, 'number'] as const)('nothing where it is empty: %s', (type) => {
    expect(cellValue('', type)).toBeUndefined();
  });

  test.each(['number', 'integer', 'boolean'] as const)('nothing where it is of blanks: %s', (type) => {
    expect(cellValue(' \t', type)).toBeUndefined();
  });
});
