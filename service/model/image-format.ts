/** Media types of the images that models take. */
export type ImageType = 'image/jpeg' | 'image/png';

/** The type of an image by the name of its file, or undefined where it is none that models take. */
export function imageTypeOfName(fileName: string): ImageType | undefined {
  if (/\.png$/i.test(fileName)) return 'image/png';
  return /\.jpe?g$/i.test(fileName) ? 'image/jpeg' : undefined;
}

const PNG_SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const JPEG_SIGNATURE = Buffer.from([0xff, 0xd8, 0xff]);

/** The type of an image by its first bytes; what a caller declares is not to be trusted. */
export function imageTypeOfContent(content: Buffer): ImageType | undefined {
  if (startsWith(content, PNG_SIGNATURE)) return 'image/png';
  return startsWith(content, JPEG_SIGNATURE) ? 'image/jpeg' : undefined;
}

/**
 * True for a PNG that holds an animation: a chunk `acTL` before the first `IDAT`.
 * Source: PNG specification, third edition, 5.3 (chunk layout) and 11.3.6.1 (acTL).
 */
export function isAnimatedPng(content: Buffer): boolean {
  let offset = PNG_SIGNATURE.length;
  while (offset + 8 <= content.length) {
    const type = content.toString('latin1', offset + 4, offset + 8);
    if (type === 'acTL') return true;
    if (type === 'IDAT') return false;
    const dataBytes = content.readUInt32BE(offset);
    offset += 4 + 4 + dataBytes + 4;
  }
  return false;
}

function startsWith(content: Buffer, signature: Buffer): boolean {
  return content.subarray(0, signature.length).equals(signature);
}
