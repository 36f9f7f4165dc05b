import type sharp from 'sharp';
import { messageOf } from '../../lib/spec/message-of';
import { badRequest, payloadTooLarge, type ServiceError, unsupportedMediaType } from '../errors';
import type { Tensor, TensorSignature } from '../tensor';
import { Mismatches, type ModelDescription } from './description';
import { type ImageType, imageTypeOfContent, isAnimatedPng } from './image-format';
import { type PixelLayout, planPixels, writePixels } from './pixels';
import type { ImageDescription } from './schema';

/** Turns the image in a request's body into a model's input. */
export interface ImageDecoder {
  /** Images being decoded or waiting for it, for those who decide whether to take more. */
  readonly pending: number;
  /**
   * Decodes outside the event loop.
   * @param body a JPEG or PNG file, whatever its declared type
   * @returns the model's only input, with one row
   * @throws ServiceError 400 for a broken image, 413 for one of too many pixels, 415 for another format
   */
  decode(body: Buffer): Promise<Tensor[]>;
}

type Sharp = typeof sharp;

/**
 * Larger images are refused before anything is decoded. Photos of today's phones have 12 to 25 megapixels; decoded,
 * this many take 100 MB at most.
 */
const MAX_PIXELS = 2 ** 25;

let loading: Promise<Sharp> | undefined;

/** Loads the decoder when the first model needs it; the others start without. */
function loadSharp(): Promise<Sharp> {
  loading ??= import('sharp').then(({ default: sharp }) => {
    // No image comes twice, so that a cache of its parts only holds memory.
    sharp.cache(false);
    // Images are decoded side by side; more threads for each would take cores from the models.
    sharp.concurrency(1);
    return sharp;
  });
  return loading;
}

/**
 * Prepares the decoding of a model's images, undefined where its description has no image.
 * @throws DocumentError where the description does not fit the model's input
 */
export function compileImage(
  { image, source }: ModelDescription,
  signature: TensorSignature,
): ImageDecoder | undefined {
  if (image === undefined) return undefined;
  const mismatches = new Mismatches(source);
  const layout = planPixels(image, signature, mismatches);
  if (layout === undefined) throw mismatches.toError();
  // Loading takes some tens of milliseconds, which no request should pay; if it fails, each request will say so.
  loadSharp().catch(() => undefined);
  return new CompiledImage(image, layout);
}

class CompiledImage implements ImageDecoder {
  pending = 0;
  readonly #image: ImageDescription;
  readonly #layout: PixelLayout;

  constructor(image: ImageDescription, layout: PixelLayout) {
    this.#image = image;
    this.#layout = layout;
  }

  async decode(body: Buffer): Promise<Tensor[]> {
    const type = formatOf(body);
    this.pending += 1;
    try {
      const sharp = await loadSharp();
      const pixels = await decodePixels(sharp, body, type, this.#image);
      return [writePixels(pixels, this.#layout)];
    } finally {
      this.pending -= 1;
    }
  }
}

function formatOf(body: Buffer): ImageType {
  if (body.length === 0) throw badRequest('the body is empty, expected a JPEG or PNG image');
  const type = imageTypeOfContent(body);
  if (type === undefined) throw unsupportedMediaType('the body is neither a JPEG nor a PNG image by its first bytes');
  if (type === 'image/png' && isAnimatedPng(body)) {
    throw unsupportedMediaType('the PNG image is animated, expected a single picture');
  }
  return type;
}

/**
 * Bytes of the fitted image, row by row, the channels of a pixel side by side. A JPEG has no checksum, so what shows
 * that it is damaged are the decoder's warnings; some of them are habits of cameras and do no harm.
 */
async function decodePixels(sharp: Sharp, body: Buffer, type: ImageType, image: ImageDescription): Promise<Buffer> {
  if (type === 'image/jpeg') {
    try {
      return await convert(sharp, body, image, 'warning');
    } catch (error) {
      const reason = reasonOf(error);
      if (!HARMLESS_WARNING.test(reason)) throw refusal(reason);
    }
  }
  try {
    return await convert(sharp, body, image, 'error');
  } catch (error) {
    throw refusal(reasonOf(error));
  }
}

/** Padding in front of a header segment (markers C0 to CF and DA to FE), and a field that only progressive files use. */
const HARMLESS_WARNING = /extraneous bytes before marker 0x(c|d[a-f]|e|f)|Invalid SOS parameters/;

function convert(
  sharp: Sharp,
  body: Buffer,
  { width, height, channels, fit, background: level }: ImageDescription,
  failOn: 'warning' | 'error',
): Promise<Buffer> {
  const background = { r: level, g: level, b: level };
  return sharp(body, { limitInputPixels: MAX_PIXELS, failOn, sequentialRead: true })
    .autoOrient()
    .flatten({ background })
    .resize({ width, height, fit, background })
    .toColourspace(channels === 1 ? 'b-w' : 'srgb')
    .raw({ depth: 'uchar' })
    .toBuffer();
}

function refusal(reason: string): ServiceError {
  if (reason.includes('exceeds pixel limit')) {
    return payloadTooLarge(`the image has more than ${MAX_PIXELS} pixels, which is the limit`);
  }
  return badRequest(`the image is damaged or cut off${reason === 'Unknown error' ? '' : ` (${reason})`}`);
}

/** The decoder's first line; the others repeat it. */
function reasonOf(error: unknown): string {
  return messageOf(error).split('\n')[0] ?? '';
}
