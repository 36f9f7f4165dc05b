import sharp from 'sharp';
import type { Inputs } from './inputs';
import { encodePng, type Pixels } from './png';

/** Blocks in each direction, each of which is a bit of the key. */
const BLOCKS = 6;
/** Levels by which a block changes: seen by the model, hardly by an eye. */
const STEP = 6;
/** JPEGs are made before the load begins, as encoding one costs more than sending it. */
const JPEGS = 1000;

/** Images that differ from an example in the brightness of blocks, which survives scaling to the size of the model. */
export async function imageInputs(example: Buffer, contentType: string): Promise<Inputs> {
  const { channels = 3 } = await sharp(example).metadata();
  const image = sharp(example)
    .removeAlpha()
    .toColourspace(channels < 3 ? 'b-w' : 'srgb');
  const { data, info } = await image.raw().toBuffer({ resolveWithObject: true });
  const pixels: Pixels = { data, width: info.width, height: info.height, channels: info.channels };
  if (contentType === 'image/png') {
    return {
      distinct: 2 ** (BLOCKS * BLOCKS),
      showsKey: false,
      contentType,
      body: (key) => encodePng(varied(pixels, key)),
    };
  }
  const jpegs: Buffer[] = [];
  for (let key = 0; key < JPEGS; key++) jpegs.push(await jpegOf(varied(pixels, key)));
  return { distinct: JPEGS, showsKey: false, contentType, body: (key) => jpegs[key % JPEGS] ?? example };
}

/** The pixels with the blocks changed whose bits of the key are set; key 0 is the example. */
function varied(pixels: Pixels, key: number): Pixels {
  const { width, height, channels } = pixels;
  const data = Buffer.from(pixels.data);
  for (let block = 0; 2 ** block <= key; block++) {
    if (Math.floor(key / 2 ** block) % 2 === 0) continue;
    const [row, column] = [Math.floor(block / BLOCKS), block % BLOCKS];
    for (let y = edge(row, height); y < edge(row + 1, height); y++) {
      shift(
        data.subarray((y * width + edge(column, width)) * channels, (y * width + edge(column + 1, width)) * channels),
      );
    }
  }
  return { ...pixels, data };
}

/** First pixel of a block. */
function edge(block: number, size: number): number {
  return Math.floor((block * size) / BLOCKS);
}

function shift(samples: Buffer): void {
  for (const [i, value] of samples.entries()) samples[i] = value > 127 ? value - STEP : value + STEP;
}

function jpegOf({ data, width, height, channels }: Pixels): Promise<Buffer> {
  const raw = { width, height, channels: channels === 1 ? (1 as const) : (3 as const) };
  return sharp(data, { raw }).jpeg({ quality: 95 }).toBuffer();
}
