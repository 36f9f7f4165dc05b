import { BatchError } from '../errors';
import { formatOf, type InputFile, inputsFound } from './input-file';
import type { S3Bucket, S3Object } from './s3-bucket';

/**
 * The files of rows at a key: the object itself, or those in the folder of that name, in the order of their names.
 * @throws BatchError where there is none
 */
export async function s3Inputs(bucket: S3Bucket, key: string): Promise<InputFile[]> {
  const path = bucket.urlOf(key);
  const object = key === '' || key.endsWith('/') ? undefined : await bucket.find(key);
  const prefix = key === '' || key.endsWith('/') ? key : `${key}/`;
  const objects = object === undefined ? await bucket.list(prefix, 'folder') : [object];
  if (objects.length === 0) throw new BatchError(`the input '${path}' does not exist`);
  return inputsFound(
    path,
    objects.flatMap((one) => s3Input(bucket, one) ?? []),
  );
}

function s3Input(bucket: S3Bucket, object: S3Object): InputFile | undefined {
  const { key, sizeBytes, etag } = object;
  const name = key.slice(key.lastIndexOf('/') + 1);
  const format = formatOf(name);
  if (format === undefined) return undefined;
  const read: InputFile['read'] = (startByte, endByte) => bucket.read(object, startByte, endByte);
  return { name, format, sizeBytes, stamp: `${sizeBytes} ${etag}`, read };
}
