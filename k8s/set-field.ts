import { isDeepStrictEqual } from 'node:util';
import { type ApiObject, JsonPatch } from 'cdk8s';
import { DroppedFieldError } from './errors';

/**
 * Sets a field that the construct library has no words for. Its serialiser silently drops what Kubernetes 1.27 did not
 * know, patched or not, so what came out is compared with what was asked.
 *
 * @param path JSON pointer, such as `/spec/template/spec/enableServiceLinks`
 * @param value as it must stand in the manifest
 * @param source what the library wants in place of `value`: a quantity, for example, must be one of its own objects
 * @throws DroppedFieldError when the field did not reach the manifest
 */
export function setField(object: ApiObject, path: string, value: unknown, source: unknown = value): void {
  object.addJsonPatch(JsonPatch.add(path, source));
  const found = fieldAt(object.toJson(), path);
  if (!isDeepStrictEqual(found, value))
    throw new DroppedFieldError(`${object.kind} ${object.name}`, path, value, found);
}

function fieldAt(document: unknown, path: string): unknown {
  return path
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>((value, key) => {
      if (Array.isArray(value)) return value[Number(key)];
      return typeof value === 'object' && value !== null
        ? Object.entries(value).find(([name]) => name === key)?.[1]
        : undefined;
    }, document);
}
