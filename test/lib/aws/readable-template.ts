import type { Stack } from 'aws-cdk-lib';
import { stringify } from 'yaml';
import { isObject } from '../../../lib/spec/describe';
import { stableTemplate } from './support';

/**
 * The template of a stack as a person reads it, and as it is on every machine: joined texts as one text with
 * `<references>`, JSON within texts (manifests, dashboards, policies) as what it says, and without the tags of the
 * platform, which are on everything. What follows from the names of system and region is as it is for any.
 *
 * @param system name of the spec, which is written `<system>`
 */
export function readableTemplate(stack: Stack, system: string): Record<string, unknown> {
  const { region } = stack;
  const ownStack = new RegExp(`(<system>(?:-[a-z]+)+?)-${region}`, 'g');
  const text = JSON.stringify(stableTemplate(stack))
    .replaceAll(named(system), '$1<system>')
    .replaceAll(ownStack, '$1')
    .replaceAll(region, '<region>')
    .replaceAll(ADDRESS, '<address>');
  const { Resources, Outputs }: Record<string, unknown> = JSON.parse(text);
  return Object(readable({ ...Object(Resources), ...(Outputs === undefined ? {} : { Outputs }) }));
}

/** Of a construct, made of its path. */
const ADDRESS = /c8[0-9a-f]{40}/g;

/** As YAML, which has a line for each value. */
export function asYaml(value: unknown): string {
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });
}

/** The name as a word, not as a part of one. */
function named(system: string): RegExp {
  return new RegExp(`(^|[^A-Za-z])${system}(?![A-Za-z])`, 'g');
}

function readable(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((item) => !isPlatformTag(item)).map(readable);
  if (!isObject(value)) return typeof value === 'string' ? parsed(value) : value;
  const joined = textOf(value);
  if (joined !== undefined) return parsed(joined);
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, entry]) => (key.startsWith(TAGS) ? [] : [[key, readable(entry)]])),
  );
}

const TAGS = 'headroom:';

function isPlatformTag(item: unknown): boolean {
  return isObject(item) && typeof item.Key === 'string' && item.Key.startsWith(TAGS);
}

/** What an intrinsic function stands for in a text; undefined for what is none, or not only text. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (!isObject(value)) return undefined;
  const [[name, argument] = ['', undefined], ...others] = Object.entries(value);
  if (others.length > 0) return undefined;
  if (name === 'Ref') return `<${argument}>`;
  if (name === 'Fn::GetAtt' && Array.isArray(argument)) return `<${argument.join('.')}>`;
  if (name === 'Fn::GetStackOutput' && isObject(argument)) return outputOf(argument);
  if (name !== 'Fn::Join' || !Array.isArray(argument) || !Array.isArray(argument[1])) return undefined;
  // Without the quotes, which would end the text that it is part of.
  const other = (part: unknown) => `<${JSON.stringify(readable(part)).replaceAll('"', '')}>`;
  const parts = argument[1].map((part: unknown) => textOf(part) ?? other(part));
  return parts.join(String(argument[0]));
}

/** A value of another stack, with its region where that is another. */
function outputOf({ StackName, OutputName, Region }: Record<string, unknown>): string {
  return `<${StackName}.${OutputName}${Region === '<region>' ? '' : ` in ${Region}`}>`;
}

function parsed(text: string): unknown {
  if (!/^[[{]/.test(text)) return text;
  try {
    return readable(JSON.parse(text));
  } catch {
    return text;
  }
}
