import { didYouMean } from '../../lib/spec/closest';
import { halfOf } from '../float16';
import type { DataType, Tensor, TensorSignature, TensorSpec } from '../tensor';
import { describeShape } from './describe-shape';
import type { Mismatches } from './description';
import type { ImageDescription } from './schema';

/** Datatypes of image inputs, with the arrays that hold their elements. */
const ARRAYS = {
  FP32: Float32Array,
  FP16: Uint16Array,
  FP64: Float64Array,
  UINT8: Uint8Array,
  INT8: Int8Array,
} as const;

type PixelType = keyof typeof ARRAYS;

/** How the bytes of an image become the elements of a tensor. */
export interface PixelLayout {
  readonly datatype: PixelType;
  readonly channels: number;
  /** The channels lie in planes one behind the other (NCHW) instead of side by side (NHWC). */
  readonly planar: boolean;
  /** Shape of the tensor of one image. */
  readonly shape: readonly number[];
  /** The element for each byte of each channel, 256 per channel, so that scaling costs nothing per request. */
  readonly table: InstanceType<(typeof ARRAYS)[PixelType]>;
}

const LEVELS = 256;

/**
 * Prepares the conversion for the model's image input.
 * @returns undefined where the image does not fit it, with the reasons in `mismatches`
 */
export function planPixels(
  image: ImageDescription,
  { inputs }: TensorSignature,
  mismatches: Mismatches,
): PixelLayout | undefined {
  const input = findInput(image, inputs, mismatches);
  if (input === undefined) return undefined;
  const { name, datatype, shape } = input;
  const planar = image.layout === 'NCHW';
  const fits = checkShape(image, planar, input, mismatches);
  if (!isPixelType(datatype)) {
    const allowed = Object.keys(ARRAYS).join(', ');
    mismatches.add(
      ['image'],
      `feeds input '${name}' of ${datatype} ${describeShape(shape)}, expected one of ${allowed}`,
    );
    return undefined;
  }
  if (!fits) return undefined;
  const { width, height, channels } = image;
  return {
    datatype,
    channels,
    planar,
    shape: planar ? [1, channels, height, width] : [1, height, width, channels],
    table: makeTable(image, datatype),
  };
}

/** The tensor of one image, given its bytes with the channels of a pixel side by side. */
export function writePixels(bytes: Uint8Array, { datatype, channels, planar, shape, table }: PixelLayout): Tensor {
  const data = new ARRAYS[datatype](bytes.length);
  const pixels = bytes.length / channels;
  const pixelStep = planar ? 1 : channels;
  const channelStep = planar ? pixels : 1;
  for (let channel = 0; channel < channels; channel++) {
    let to = channel * channelStep;
    for (let from = channel; from < bytes.length; from += channels) {
      data[to] = table[channel * LEVELS + (bytes[from] ?? 0)] ?? 0;
      to += pixelStep;
    }
  }
  return { datatype, shape, data };
}

function findInput(
  image: ImageDescription,
  inputs: readonly TensorSpec[],
  mismatches: Mismatches,
): TensorSpec | undefined {
  const names = inputs.map(({ name }) => name);
  if (image.input !== undefined && !inputs.some(({ name }) => name === image.input)) {
    const expected = `an input of the model: ${names.join(', ')}${didYouMean(image.input, names)}`;
    mismatches.add(['image', 'input'], `found '${image.input}', expected ${expected}`);
    return undefined;
  }
  if (inputs.length === 1) return inputs[0];
  mismatches.add(['image'], `can feed one input, but the model has ${inputs.length}: ${names.join(', ')}`);
  return undefined;
}

function checkShape(
  image: ImageDescription,
  planar: boolean,
  { name, shape }: TensorSpec,
  mismatches: Mismatches,
): boolean {
  const printed = `input '${name}' of shape ${describeShape(shape)}`;
  const keys = planar ? (['channels', 'height', 'width'] as const) : (['height', 'width', 'channels'] as const);
  if (shape.length !== 4) {
    mismatches.add(['image'], `feeds ${printed}, expected [N, ${keys.join(', ')}]`);
    return false;
  }
  let fits = true;
  for (const [index, key] of keys.entries()) {
    const size = shape[index + 1];
    if (typeof size !== 'number' || size === image[key]) continue;
    mismatches.add(['image', key], `found ${image[key]}, expected ${size} for ${printed} in layout ${image.layout}`);
    fits = false;
  }
  return fits;
}

function makeTable(image: ImageDescription, datatype: PixelType): PixelLayout['table'] {
  const { channels, invert, mean = [], std = [] } = image;
  const integer = datatype === 'UINT8' || datatype === 'INT8';
  const scale = image.scale ?? (integer ? 1 : 1 / 255);
  const table = new ARRAYS[datatype](channels * LEVELS);
  const [least, most] = datatype === 'INT8' ? [-128, 127] : [0, 255];
  for (let channel = 0; channel < channels; channel++) {
    for (let level = 0; level < LEVELS; level++) {
      const value = ((invert ? 255 - level : level) * scale - (mean[channel] ?? 0)) / (std[channel] ?? 1);
      const whole = Math.min(Math.max(Math.round(value), least), most);
      table[channel * LEVELS + level] = integer ? whole : datatype === 'FP16' ? halfOf(value) : value;
    }
  }
  return table;
}

function isPixelType(datatype: DataType): datatype is PixelType {
  return Object.hasOwn(ARRAYS, datatype);
}
