import { describe, expect, test } from '@jest/globals';
import { isAnimatedPng } from '../../../service/model/image-format';

/** A PNG of empty chunks; neither their order nor what is in them is checked where an animation is looked for. */
function png(...types: string[]): Buffer {
  const chunks = types.map((type) => Buffer.concat([Buffer.alloc(4), Buffer.from(type, 'latin1'), Buffer.alloc(4)]));
  return Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), ...chunks]);
}

describe('an animated PNG', () => {
  test.each([
    ['announces its animation before the picture', png('IHDR', 'acTL', 'IDAT', 'IEND'), true],
    ['is not one that only names an animation behind the picture', png('IHDR', 'IDAT', 'acTL', 'IEND'), false],
    ['is not one without the announcement', png('IHDR', 'tEXt', 'IDAT', 'IEND'), false],
    ['is not one that ends too early to tell', png('IHDR').subarray(0, 15), false],
  ])('%s', (_, content, animated) => {
    expect(isAnimatedPng(content)).toBe(animated);
  });

  test('is looked for past chunks of any declared length, even one longer than the file', () => {
    const content = png('IHDR', 'acTL');
    content.writeUInt32BE(0xffffffff, 8);
    expect(isAnimatedPng(content)).toBe(false);
  });
});
