import { Token } from 'aws-cdk-lib';
import { PropsError } from './errors';

/**
 * @param prop where, as `RedisCache.shards`
 * @param value a token passes: it is known only when it is deployed
 * @throws PropsError unless it is a whole number from `min` to `max`
 */
export function checkWholeNumber(prop: string, value: number, min: number, max: number): void {
  if (Token.isUnresolved(value) || (Number.isInteger(value) && value >= min && value <= max)) return;
  throw new PropsError(prop, value, `a whole number from ${min} to ${max}`);
}
