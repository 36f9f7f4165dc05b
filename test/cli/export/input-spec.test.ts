import { expect, test } from '@jest/globals';
import { parseInputSpec } from '../../../cli/export/input-spec';

test('an input has a name, a datatype and sizes, of which some stay open', () => {
  expect(parseInputSpec('tokens:INT64[batch, length,8]')).toEqual({
    name: 'tokens',
    datatype: 'INT64',
    shape: ['batch', 'length', 8],
  });
});

test.each([
  ['image', "--input is 'image', expected a form such as image:FP32[batch,3,224,224]"],
  ['x:FLOAT[batch]', "--input 'x' is of the type 'FLOAT', expected one of BOOL, UINT8"],
  ['x:FP32[batch,-1]', "has the size '-1', expected a whole number or a name"],
  ['x:FP32[1,3]', 'begins with the size 1, expected a name, such as batch'],
])('%s is refused', (text, message) => {
  expect(() => parseInputSpec(text)).toThrow(message);
});
