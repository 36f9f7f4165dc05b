import { closest } from '../../lib/spec/closest';
import { onOneLine } from '../protocol/describe';
import { type FeatureRule, fits, isNumeric } from './feature-values';

/** More than this helps nobody; the rest is only counted. */
const MAX_LISTED = 20;

/** Longest list of names or categories in a message. */
const MAX_NAMES = 20;

/** Longest part of a caller's own text in a message. */
const MAX_QUOTED_CHARACTERS = 60;

/** Collects sentences up to a limit, without making those beyond it. */
class ProblemList {
  readonly #listed: string[] = [];
  #count = 0;

  add(describe: () => string): void {
    this.#count += 1;
    if (this.#listed.length < MAX_LISTED) this.#listed.push(describe());
  }

  toString(): string {
    const unlisted = this.#count - this.#listed.length;
    return this.#listed.join('; ') + (unlisted === 0 ? '' : `; and ${unlisted} more`);
  }
}

/**
 * Everything that keeps instances from being rows of a model: those that are no objects, and their unknown, missing
 * and ill-typed features. Empty where all fits.
 * @param firstIndex number of the first instance in messages
 */
export function describeProblems(rules: readonly FeatureRule[], instances: readonly unknown[], firstIndex = 0): string {
  const problems = new ProblemList();
  const known = new Map(rules.map((rule) => [rule.name, rule]));
  for (const [index, instance] of instances.entries()) {
    findProblems(known, instance, `instance ${firstIndex + index}`, problems);
  }
  return problems.toString();
}

function findProblems(
  rules: ReadonlyMap<string, FeatureRule>,
  instance: unknown,
  where: string,
  problems: ProblemList,
): void {
  if (!isInstance(instance)) {
    problems.add(() => `${where} is ${describeValue(instance)}, expected an object of features`);
    return;
  }
  for (const name of Object.keys(instance)) {
    if (!rules.has(name)) problems.add(() => `${where}: ${describeUnknown(name, [...rules.keys()])}`);
  }
  for (const rule of rules.values()) {
    const value = Object.hasOwn(instance, rule.name) ? instance[rule.name] : undefined;
    const missing = value === undefined || value === null;
    if (missing ? !rule.required : fits(rule, value)) continue;
    const found = missing ? 'is missing' : `is ${describeValue(value)}`;
    problems.add(() => `${where}: '${shorten(rule.name)}' ${found}, expected ${describeRule(rule, value)}`);
  }
}

/** True for an object with features, as opposed to a list, a value or null. */
export function isInstance(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The values a feature takes, in words; `found` is the one that does not fit. */
export function describeRule(rule: FeatureRule, found?: unknown): string {
  switch (rule.type) {
    case 'number':
      return `a number${describeBounds(rule, found)}`;
    case 'integer':
      return `a whole number${describeBounds(rule, found)}`;
    case 'boolean':
      return 'true or false';
    case 'category':
      return `one of ${listNames([...rule.categories.keys()])}`;
    case 'text':
      return typeof found === 'string' ? 'text without NUL and lone surrogates' : 'text';
  }
}

/** A caller's value, shortened; what is nested is only named, since it may be deep. */
export function describeValue(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  if (typeof value === 'string') return JSON.stringify(shorten(value));
  return shorten(String(value));
}

function describeUnknown(name: string, known: readonly string[]): string {
  const guess = closest(name, known);
  const hint = guess === undefined ? `expected ${listNames(known)}` : `did you mean '${guess}'?`;
  return `'${shorten(name)}' is not a feature of this model (${hint})`;
}

/** The declared bounds; those of the datatype too where a number is beyond them. */
function describeBounds(rule: FeatureRule, found: unknown): string {
  const declared = isNumeric(rule.feature) ? rule.feature : undefined;
  const beyond = typeof found === 'number';
  const minimum = beyond && found < rule.minimum ? rule.minimum : declared?.minimum;
  const maximum = beyond && found > rule.maximum ? rule.maximum : declared?.maximum;
  if (minimum !== undefined && maximum !== undefined) return ` from ${minimum} to ${maximum}`;
  if (minimum !== undefined) return ` of at least ${minimum}`;
  return maximum === undefined ? '' : ` of at most ${maximum}`;
}

function listNames(names: readonly string[]): string {
  const listed = names.slice(0, MAX_NAMES).map(shorten).join(', ');
  return names.length <= MAX_NAMES ? listed : `${listed}, … (${names.length} in all)`;
}

/** Cut where it is long, and on one line in any log. */
function shorten(text: string): string {
  return text.length <= MAX_QUOTED_CHARACTERS ? onOneLine(text) : `${onOneLine(text.slice(0, MAX_QUOTED_CHARACTERS))}…`;
}
