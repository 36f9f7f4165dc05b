import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parseSpec } from '../../../lib/spec/load';
import { platformFrom } from './platforms';
import { asYaml, readableTemplate } from './readable-template';
import { differences } from './template-differences';

const FILE = join(__dirname, '../../../headroom.yaml');
const EXAMPLE = readFileSync(FILE, 'utf8');

/** Templates by the name of their stack without that of the system, in the order of deployment. */
function templatesOf(text: string): Map<string, Record<string, unknown>> {
  const spec = parseSpec(text, FILE);
  return new Map(
    platformFrom(spec).stacks.map((stack) => [
      stack.stackName.slice(`${spec.name}-`.length),
      readableTemplate(stack, spec.name),
    ]),
  );
}

/** The example with other traffic, and with what else is to be replaced. */
function exampleWith(factor: number, ...replaced: (readonly [RegExp, string])[]): string {
  const scaled = EXAMPLE.replace(/peakQps: (\d+)/g, (_, qps) => `peakQps: ${Math.ceil(Number(qps) * factor)}`);
  return replaced.reduce((text, [pattern, by]) => {
    if (!pattern.test(text)) throw new Error(`the example has no ${pattern}`);
    return text.replace(pattern, by);
  }, scaled);
}

/** End of the names of stacks in other regions than the first. */
const FURTHER_REGION = /-[a-z]+-[a-z]+-\d$/;

const WITHOUT_QUOTAS = [/, quotaPerDay: \d+/, ''] as const;
const IN_TWO_REGIONS = [/# regions:.*/, 'regions: [us-east-1]'] as const;
const WITH_DOMAIN = [/# domain: (.*)\n *# hostedZone/, 'domain: $1\n  hostedZone'] as const;
const FOR_DEVELOPMENT = [/(region: .*)/, '$1\n  environment: dev'] as const;

// As they are, line by line, without the quotes and backslashes of a string.
expect.addSnapshotSerializer({ test: (value) => typeof value === 'string', serialize: (value) => value });

const example = templatesOf(EXAMPLE);

describe('headroom.yaml, which is of the tier large', () => {
  test.each([...example])('has this template of the stack %s', (_, template) => {
    expect(asYaml(template)).toMatchSnapshot();
  });
});

describe.each([
  ['with the traffic of the tier small', exampleWith(0.01)],
  ['with the traffic of the tier medium', exampleWith(0.1)],
  ['with the traffic of the tier very large, in two regions', exampleWith(10, WITHOUT_QUOTAS, IN_TWO_REGIONS)],
  ['with a domain', exampleWith(1, WITH_DOMAIN)],
  ['for development', exampleWith(1, FOR_DEVELOPMENT)],
])('headroom.yaml %s', (_, text) => {
  test('differs from it in this', () => {
    const templates = templatesOf(text);
    const names = [...new Set([...example.keys(), ...templates.keys()])];
    const changes = names.map((name) => {
      const template = templates.get(name);
      if (template === undefined) return [name, 'is not there'];
      // What is in a further region is held against the same part of the first.
      const first = FURTHER_REGION.test(name) ? templates.get(name.replace(FURTHER_REGION, '')) : example.get(name);
      return [name, differences(first ?? {}, template)];
    });
    expect(asYaml(Object.fromEntries(changes))).toMatchSnapshot();
  });
});
