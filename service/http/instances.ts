import { messageOf } from '../../lib/spec/message-of';
import { badRequest } from '../errors';

/** The instances of a body such as `{"instances": [{…}]}`. @throws ServiceError 400 */
export function parseInstances(text: string): readonly unknown[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw badRequest(`the body is not JSON: ${messageOf(error)}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw badRequest('the body must be an object such as {"instances": [{…}]}');
  }
  for (const key of Object.keys(value)) {
    if (key !== 'instances') throw badRequest(`the body has an unknown field '${key}', allowed: instances`);
  }
  if (!('instances' in value) || !Array.isArray(value.instances)) {
    throw badRequest("the body must have 'instances', a list with an object of features each");
  }
  return value.instances;
}
