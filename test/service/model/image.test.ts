import { describe, expect, test } from '@jest/globals';
import sharp, { type Sharp } from 'sharp';
import { ServiceError } from '../../../service/errors';
import { compileImage, type ImageDecoder } from '../../../service/model/image';
import type { Tensor, TensorSpec } from '../../../service/tensor';
import { described, mistakesOf, spec } from './support';

const RED = { r: 255, g: 0, b: 0 };
const BLUE = { r: 0, g: 0, b: 255 };

function decoderOf(image: string, input: TensorSpec = spec('x', 'FP32', ['N', 'C', 'H', 'W'])): ImageDecoder {
  const decoder = compileImage(described(`image: {${image}}`), { inputs: [input], outputs: [] });
  if (decoder === undefined) throw new Error('no image');
  return decoder;
}

/** An image from the bytes of its pixels, row by row. */
function pixels(width: number, height: number, channels: 1 | 2 | 3 | 4, bytes: readonly number[]): Sharp {
  return sharp(Buffer.from(bytes), { raw: { width, height, channels } });
}

function plain(width: number, height: number, background: { r: number; g: number; b: number }): Sharp {
  return sharp({ create: { width, height, channels: 3, background } });
}

/** A picture that no compression makes small. */
function noise(width: number, height: number): Sharp {
  let state = 1;
  const bytes = Array.from({ length: width * height * 3 }, () => {
    state = (state * 48271) % 2147483647;
    return state & 255;
  });
  return pixels(width, height, 3, bytes);
}

async function decodeOne(decoder: ImageDecoder, body: Buffer): Promise<Tensor> {
  const [tensor] = await decoder.decode(body);
  if (tensor === undefined) throw new Error('no tensor');
  return tensor;
}

async function statusOf(decoder: ImageDecoder, body: Buffer): Promise<string> {
  try {
    await decoder.decode(body);
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    return `${error.statusCode} ${error.message}`;
  }
  return 'decoded';
}

describe('the pixels of an image', () => {
  const RGB = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];

  test('come in planes for NCHW', async () => {
    const decoder = decoderOf('width: 2, height: 2, channels: 3, scale: 1');
    expect(await decoder.decode(await pixels(2, 2, 3, RGB).png().toBuffer())).toEqual([
      { datatype: 'FP32', shape: [1, 3, 2, 2], data: Float32Array.of(1, 4, 7, 10, 2, 5, 8, 11, 3, 6, 9, 12) },
    ]);
  });

  test('come channel by channel for NHWC', async () => {
    const decoder = decoderOf('width: 2, height: 2, channels: 3, scale: 1, layout: NHWC');
    expect(await decoder.decode(await pixels(2, 2, 3, RGB).png().toBuffer())).toEqual([
      { datatype: 'FP32', shape: [1, 2, 2, 3], data: Float32Array.from(RGB) },
    ]);
  });

  test('are inverted, scaled and normalised per channel, in this order', async () => {
    // GIVEN
    const decoder = decoderOf('width: 1, height: 1, channels: 3, invert: true, mean: [0.5, 0.1, 0], std: [0.5, 2, 1]');

    // WHEN
    const { data } = await decodeOne(decoder, await pixels(1, 1, 3, [0, 51, 255]).png().toBuffer());

    // THEN
    expect(data).toEqual(Float32Array.of((1 - 0.5) / 0.5, (204 / 255 - 0.1) / 2, 0));
  });

  test.each([
    ['UINT8', Uint8Array.of(0, 128, 255), ''],
    ['INT8', Int8Array.of(-128, 0, 127), ', mean: [128, 128, 128]'],
    ['FP16', Uint16Array.of(0, 0x5800, 0x5bf8), ', scale: 1'],
    ['FP64', Float64Array.of(0, 128 / 255, 1), ''],
  ] as const)('are written as %s where the input is', async (datatype, data, more) => {
    const decoder = decoderOf(`width: 1, height: 1, channels: 3${more}`, spec('x', datatype, ['N', 3, 1, 1]));
    const body = await pixels(1, 1, 3, [0, 128, 255]).png().toBuffer();
    expect(await decoder.decode(body)).toEqual([{ datatype, shape: [1, 3, 1, 1], data }]);
  });

  test('beyond the range of an integer input are its limits, and between its steps the nearest', async () => {
    const decoder = decoderOf('width: 1, height: 1, channels: 3, scale: 1.5', spec('x', 'UINT8', ['N', 3, 1, 1]));
    const { data } = await decodeOne(decoder, await pixels(1, 1, 3, [1, 5, 200]).png().toBuffer());
    expect(data).toEqual(Uint8Array.of(2, 8, 255));
  });

  test('of a coloured image are grey for a model of one channel', async () => {
    const decoder = decoderOf('width: 1, height: 1, channels: 1, scale: 1');
    const grey = async (colour: typeof RED) =>
      (await decodeOne(decoder, await plain(1, 1, colour).png().toBuffer())).data;

    // WHEN
    const [white, red, blue] = [await grey({ r: 255, g: 255, b: 255 }), await grey(RED), await grey(BLUE)];

    // THEN
    expect(white).toEqual(Float32Array.of(255));
    expect(Number(red[0])).toBeGreaterThan(Number(blue[0]));
  });

  test('of a grey image fill all channels', async () => {
    const decoder = decoderOf('width: 1, height: 1, channels: 3, scale: 1');
    const { data } = await decodeOne(decoder, await pixels(1, 1, 1, [77]).toColourspace('b-w').png().toBuffer());
    expect(data).toEqual(Float32Array.of(77, 77, 77));
  });

  test('of a PNG with 16 bits keep their brightness', async () => {
    const body = await plain(4, 4, { r: 128, g: 128, b: 128 }).toColourspace('rgb16').png().toBuffer();
    const { data } = await decodeOne(decoderOf('width: 1, height: 1, channels: 3, scale: 1'), body);
    expect(data).toEqual(Float32Array.of(128, 128, 128));
  });

  test('that are transparent show the background', async () => {
    const body = await pixels(1, 1, 4, [255, 0, 0, 0]).png().toBuffer();
    const { data } = await decodeOne(decoderOf('width: 1, height: 1, channels: 3, scale: 1, background: 9'), body);
    expect(data).toEqual(Float32Array.of(9, 9, 9));
  });

  test('of a JPEG are those that were saved, within its loss', async () => {
    const body = await plain(16, 16, { r: 200, g: 100, b: 50 }).jpeg({ quality: 100 }).toBuffer();
    const { data } = await decodeOne(decoderOf('width: 1, height: 1, channels: 3, scale: 1'), body);
    for (const [channel, level] of [200, 100, 50].entries()) {
      expect(Math.abs(Number(data[channel]) - level)).toBeLessThanOrEqual(2);
    }
  });
});

describe('an image of another shape', () => {
  /** Twice as wide as high: red on the left, blue on the right. */
  const body = plain(8, 8, RED).extend({ right: 8, background: BLUE }).png().toBuffer();

  async function decoded(fit: string): Promise<Tensor> {
    const decoder = decoderOf(`width: 4, height: 4, channels: 3, layout: NHWC, scale: 1, background: 7, fit: ${fit}`);
    return decodeOne(decoder, await body);
  }

  /** Colour of the pixel in a column and row. */
  function colour({ data }: Tensor, x: number, y: number): number[] {
    return Array.from({ length: 3 }, (_, channel) => Number(data[(y * 4 + x) * 3 + channel]));
  }

  test('is contained whole on the background', async () => {
    const tensor = await decoded('contain');
    expect([colour(tensor, 0, 0), colour(tensor, 3, 3)]).toEqual([
      [7, 7, 7],
      [7, 7, 7],
    ]);
    expect([colour(tensor, 0, 1), colour(tensor, 3, 2)]).toEqual([
      [255, 0, 0],
      [0, 0, 255],
    ]);
  });

  test('covers the frame and loses its sides', async () => {
    const tensor = await decoded('cover');
    expect([colour(tensor, 0, 0), colour(tensor, 3, 3)]).toEqual([
      [255, 0, 0],
      [0, 0, 255],
    ]);
  });

  test('is stretched to fill the frame', async () => {
    const tensor = await decoded('fill');
    expect([colour(tensor, 0, 0), colour(tensor, 3, 3)]).toEqual([
      [255, 0, 0],
      [0, 0, 255],
    ]);
  });

  test('is turned upright as its EXIF orientation says', async () => {
    // GIVEN: stored lying on its side, to be turned clockwise
    const decoder = decoderOf('width: 2, height: 4, channels: 3, layout: NHWC, scale: 1');
    const turned = await sharp(await body)
      .jpeg({ quality: 100 })
      .withMetadata({ orientation: 6 })
      .toBuffer();

    // WHEN
    const { data } = await decodeOne(decoder, turned);

    // THEN: red above, blue below
    expect(Number(data[0])).toBeGreaterThan(200);
    expect(Number(data[2])).toBeLessThan(50);
    expect(Number(data[data.length - 3])).toBeLessThan(50);
    expect(Number(data[data.length - 1])).toBeGreaterThan(200);
  });
});

describe('a bad image', () => {
  const decoder = decoderOf('width: 8, height: 8, channels: 3');

  test.each([
    ['JPEG', () => noise(64, 48).jpeg().toBuffer()],
    ['progressive JPEG', () => noise(64, 48).jpeg({ progressive: true }).toBuffer()],
    ['PNG', () => noise(64, 48).png().toBuffer()],
    ['interlaced PNG', () => noise(64, 48).png({ progressive: true }).toBuffer()],
  ])('%s cut off anywhere is refused with 400', async (_, make) => {
    // GIVEN
    const body = await make();
    const cuts = Array.from({ length: 9 }, (__, tenth) =>
      body.subarray(0, Math.floor((body.length * (tenth + 1)) / 10)),
    );

    // WHEN
    const statuses = await Promise.all(cuts.map((cut) => statusOf(decoder, cut)));

    // THEN
    for (const status of statuses) expect(status).toMatch(/^400 the image is damaged or cut off/);
    expect(await statusOf(decoder, body)).toBe('decoded');
  });

  test('with one changed byte in its pixels is refused where it is a PNG, which has checksums', async () => {
    const body = await noise(64, 48).png().toBuffer();
    const middle = body.length >> 1;
    body[middle] = (body[middle] ?? 0) ^ 0x40;
    expect(await statusOf(decoder, body)).toMatch(/^400 the image is damaged/);
  });

  test('with padding in front of a JPEG segment, as some cameras write it, is decoded', async () => {
    const body = await noise(64, 48).jpeg().toBuffer();
    const scan = body.indexOf(Buffer.from([0xff, 0xda]));
    const padded = Buffer.concat([body.subarray(0, scan), Buffer.alloc(3), body.subarray(scan)]);
    expect(await statusOf(decoder, padded)).toBe('decoded');
  });

  test('with few bytes and very many pixels is refused with 413 before it is unpacked', async () => {
    // GIVEN
    const bomb = await plain(6000, 6000, RED).toColourspace('b-w').png().toBuffer();

    // THEN
    expect(bomb.length).toBeLessThan(100_000);
    expect(await statusOf(decoder, bomb)).toBe('413 the image has more than 33554432 pixels, which is the limit');
  });

  test('in another format is refused with 415, whatever it is called', async () => {
    const others = [
      await noise(8, 8).gif().toBuffer(),
      await noise(8, 8).webp().toBuffer(),
      await noise(8, 8).tiff().toBuffer(),
      Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"/>'),
      Buffer.from('%PDF-1.4'),
      Buffer.from([0xff]),
    ];
    for (const body of others) {
      expect(await statusOf(decoder, body)).toBe('415 the body is neither a JPEG nor a PNG image by its first bytes');
    }
  });

  test('that moves is refused with 415', async () => {
    // GIVEN: the chunk that announces an animation, behind the header
    const body = await noise(8, 8).png().toBuffer();
    const headerEnd = 8 + 25;
    const animation = Buffer.alloc(20);
    animation.writeUInt32BE(8, 0);
    animation.write('acTL', 4, 'latin1');
    const animated = Buffer.concat([body.subarray(0, headerEnd), animation, body.subarray(headerEnd)]);

    // THEN
    expect(await statusOf(decoder, animated)).toBe('415 the PNG image is animated, expected a single picture');
  });

  test('without bytes is refused with 400', async () => {
    expect(await statusOf(decoder, Buffer.alloc(0))).toBe('400 the body is empty, expected a JPEG or PNG image');
  });

  test('leaves nothing pending', async () => {
    const good = await noise(64, 48).png().toBuffer();
    const work = Promise.all([statusOf(decoder, good), statusOf(decoder, good.subarray(0, 100))]);
    expect(decoder.pending).toBe(2);
    await work;
    expect(decoder.pending).toBe(0);
  });
});

describe('an image that does not fit the model', () => {
  const IMAGE = 'width: 8, height: 4, channels: 3';

  test.each<[string, string, TensorSpec[], string[]]>([
    [
      'by its size',
      IMAGE,
      [spec('x', 'FP32', ['N', 3, 8, 8])],
      ["1: image.height: found 4, expected 8 for input 'x' of shape [N, 3, 8, 8] in layout NCHW"],
    ],
    [
      'by its layout',
      IMAGE,
      [spec('x', 'FP32', ['N', 4, 8, 3])],
      [
        "1: image.channels: found 3, expected 4 for input 'x' of shape [N, 4, 8, 3] in layout NCHW",
        "1: image.height: found 4, expected 8 for input 'x' of shape [N, 4, 8, 3] in layout NCHW",
        "1: image.width: found 8, expected 3 for input 'x' of shape [N, 4, 8, 3] in layout NCHW",
      ],
    ],
    [
      'by the rank of the input',
      IMAGE,
      [spec('x', 'FP32', ['N', 96])],
      ["1: image: feeds input 'x' of shape [N, 96], expected [N, channels, height, width]"],
    ],
    [
      'by the datatype of the input',
      IMAGE,
      [spec('x', 'INT64', ['N', 3, 4, 8])],
      ["1: image: feeds input 'x' of INT64 [N, 3, 4, 8], expected one of FP32, FP16, FP64, UINT8, INT8"],
    ],
    [
      'by the name of the input',
      `${IMAGE}, input: y`,
      [spec('x', 'FP32', ['N', 3, 4, 8])],
      ["1: image.input: found 'y', expected an input of the model: x"],
    ],
    [
      'since the model wants more',
      IMAGE,
      [spec('x', 'FP32', ['N', 3, 4, 8]), spec('y', 'FP32', ['N'])],
      ['1: image: can feed one input, but the model has 2: x, y'],
    ],
  ])('%s is told with its line', (_, image, inputs, expected) => {
    const description = described(`image: {${image}}`);
    const mistakes = mistakesOf(() => compileImage(description, { inputs, outputs: [] }));
    expect([...mistakes].sort()).toEqual([...expected].sort());
  });
});
