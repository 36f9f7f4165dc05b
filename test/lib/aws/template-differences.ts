import { isDeepStrictEqual } from 'node:util';
import { isObject } from '../../../lib/spec/describe';

type Template = Readonly<Record<string, unknown>>;

/**
 * What a template has other than a first one: `+` whole resources that the first has not, `-` the types of those that it
 * has alone, `~` values that differ, by their path, as `[was, is]`.
 */
export function differences(first: Template, other: Template): Record<string, unknown> {
  const ids = [...new Set([...Object.keys(first), ...Object.keys(other)])].sort();
  return Object.fromEntries(
    ids.flatMap((id): [string, unknown][] => {
      const [was, is] = [first[id], other[id]];
      if (was === undefined) return [[`+ ${id}`, is]];
      if (is === undefined) return [[`- ${id}`, isObject(was) ? was.Type : was]];
      const changes = changesOf(was, is, []);
      return changes.length === 0 ? [] : [[`~ ${id}`, Object.fromEntries(changes)]];
    }),
  );
}

function changesOf(was: unknown, is: unknown, path: readonly string[]): [string, unknown][] {
  if (isDeepStrictEqual(was, is)) return [];
  const [before, after] = [entriesOf(was), entriesOf(is)];
  if (before === undefined || after === undefined) return [[path.join('.'), [was ?? null, is ?? null]]];
  const keys = [...new Set([...before.keys(), ...after.keys()])];
  return keys.flatMap((key) => changesOf(before.get(key), after.get(key), [...path, key]));
}

/** What is inside a mapping or a list; undefined for what has nothing inside. */
function entriesOf(value: unknown): Map<string, unknown> | undefined {
  if (!Array.isArray(value) && !isObject(value)) return undefined;
  return new Map(Object.entries(value));
}
