import { badRequest } from '../errors';
import { describeValue, isInstance } from '../model/feature-problems';

/** One instance of a request: features, and perhaps the entity to which the features left out belong. */
export interface EntityInstance {
  readonly entity: string | undefined;
  /** As the caller gave it, for the encoder to judge. */
  readonly features: unknown;
}

const MAX_ENTITY_CHARACTERS = 256;

/** True for `{"entity": …, "features": {…}}`, as opposed to features alone. */
export function namesEntity(instance: unknown): boolean {
  return isInstance(instance) && Object.hasOwn(instance, 'entity');
}

/**
 * Reads an instance in either form.
 * @param index number of the instance, for messages
 * @throws ServiceError 400
 */
export function readInstance(instance: unknown, index: number): EntityInstance {
  if (!isInstance(instance) || !Object.hasOwn(instance, 'entity')) return { entity: undefined, features: instance };
  for (const key of Object.keys(instance)) {
    if (key === 'entity' || key === 'features') continue;
    throw badRequest(`instance ${index}: ${describeValue(key)} stands beside 'entity', allowed: entity, features`);
  }
  const features = Object.hasOwn(instance, 'features') ? instance.features : {};
  return { entity: readEntity(instance.entity, `instance ${index}: 'entity'`), features };
}

/** The name of an entity; whole numbers stand for their digits. @throws ServiceError 400 */
export function readEntity(value: unknown, what: string): string {
  const text = Number.isSafeInteger(value) ? String(value) : value;
  if (typeof text === 'string' && text !== '' && text.length <= MAX_ENTITY_CHARACTERS && !/\p{C}/u.test(text)) {
    return text;
  }
  const expected = `a whole number or text of 1 to ${MAX_ENTITY_CHARACTERS} printable characters`;
  throw badRequest(`${what} is ${describeValue(value)}, expected ${expected}`);
}
