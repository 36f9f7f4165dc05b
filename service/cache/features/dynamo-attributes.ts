import { isObject } from '../../../lib/spec/describe';

/**
 * The value of an attribute of DynamoDB: texts, numbers and booleans; null for none. Others, such as lists and bytes,
 * stay as they are, which fits no feature.
 */
export function decodeAttribute(attribute: unknown): unknown {
  if (!isObject(attribute) || 'NULL' in attribute) return null;
  if (typeof attribute.S === 'string') return attribute.S;
  if (typeof attribute.N === 'string') return Number(attribute.N);
  return typeof attribute.BOOL === 'boolean' ? attribute.BOOL : attribute;
}
