import { describe, expect, test } from '@jest/globals';
import sharp from 'sharp';
import { imageInputs } from '../../../../cli/load/inputs/image-inputs';

const WIDTH = 20;
const HEIGHT = 14;

describe.each([1, 3] as const)('images of %d channels', (channels) => {
  async function png(): Promise<Buffer> {
    const data = Buffer.from(Array.from({ length: WIDTH * HEIGHT * channels }, (_, i) => (i * 37) % 256));
    const image = sharp(data, { raw: { width: WIDTH, height: HEIGHT, channels } });
    return image
      .toColourspace(channels === 1 ? 'b-w' : 'srgb')
      .png()
      .toBuffer();
  }

  const pixelsOf = async (image: string | Buffer) =>
    (
      await sharp(Buffer.from(image))
        .toColourspace(channels === 1 ? 'b-w' : 'srgb')
        .raw()
        .toBuffer()
    ).toString('hex');

  test('begin with the example', async () => {
    const example = await png();
    const inputs = await imageInputs(example, 'image/png');
    expect(await pixelsOf(inputs.body(0))).toBe(await pixelsOf(example));
  });

  test('differ in their pixels from key to key', async () => {
    const inputs = await imageInputs(await png(), 'image/png');
    const keys = [0, 1, 2, 3, 1000, 1001, 2 ** 36 - 1];
    const pixels = await Promise.all(keys.map((key) => pixelsOf(inputs.body(key))));
    expect(new Set(pixels).size).toBe(keys.length);
  });

  test('keep their size', async () => {
    const inputs = await imageInputs(await png(), 'image/png');
    expect(await sharp(Buffer.from(inputs.body(5))).metadata()).toMatchObject({
      width: WIDTH,
      height: HEIGHT,
      channels,
    });
  });
});
