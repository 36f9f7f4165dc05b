import { badRequest } from '../errors';

/**
 * Reads the header `Inference-Header-Content-Length`: how many bytes of JSON stand in front of the binary tensors.
 *
 * @returns undefined where the header is absent, so that the whole body is JSON
 * @throws ServiceError 400 for anything but a decimal number within the body
 */
export function parseHeaderLength(
  value: string | readonly string[] | undefined,
  bodyBytes: number,
): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || !/^\d{1,15}$/.test(value)) {
    throw badRequest(
      `header Inference-Header-Content-Length is '${String(value).slice(0, 40)}', expected the length of the JSON in bytes`,
    );
  }
  const length = Number(value);
  if (length > bodyBytes) {
    throw badRequest(`header Inference-Header-Content-Length is ${length}, but the body has only ${bodyBytes} bytes`);
  }
  return length;
}
