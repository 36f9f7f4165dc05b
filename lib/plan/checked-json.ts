import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { explain } from '../spec/explain';
import { PlanInputError } from './errors';

/** A file of JSON, in the words of error messages. */
export interface JsonFile {
  /** Such as `the profile profiles/fraud.json`. */
  readonly name: string;
  readonly verb: 'is' | 'are';
  /** What helps, added in brackets. */
  readonly cure?: string;
}

/**
 * The value of a JSON text that a schema accepts.
 * @throws PlanInputError in one sentence for text that is not JSON, or not what the schema describes, naming the field
 */
export function checkedJson<S extends TSchema>(schema: S, text: string, { name, verb, cure }: JsonFile): Static<S> {
  const advice = cure === undefined ? '' : ` (${cure})`;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new PlanInputError(`${name} ${verb} not JSON${advice}`, error);
  }
  if (Value.Check(schema, json)) return json;
  const [fault] = explain(schema, json);
  const where = [fault?.pointer.slice(1).replaceAll('/', '.'), fault?.missing].filter(Boolean).join('.');
  const fallback = verb === 'is' ? 'does not match' : 'do not match';
  throw new PlanInputError(`${name} cannot be used: ${where}: ${fault?.message ?? fallback}${advice}`);
}
