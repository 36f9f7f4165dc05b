import { describe, expect, test } from '@jest/globals';
import type { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { TIERS } from '../../../lib/spec/tiers';
import { platformOf } from './platforms';
import { nagFindings } from './support';

const PLATFORMS = TIERS.map(({ name }) => {
  const { app, stacks } = platformOf(name);
  // Before the first template is made, which replaces references to other stacks by what says less.
  return { tier: name, stacks, findings: nagFindings(app) };
});

/** Number of resources of each type, which shows what a tier has without saying how. */
function inventory(stack: Stack): Record<string, number> {
  const counts: Record<string, number> = {};
  const resources: Record<string, { Type: string }> = Template.fromStack(stack).toJSON().Resources;
  for (const { Type } of Object.values(resources)) counts[Type] = (counts[Type] ?? 0) + 1;
  return Object.fromEntries(Object.entries(counts).sort(([a], [b]) => a.localeCompare(b)));
}

describe.each(PLATFORMS)('the tier $tier', ({ stacks, findings }) => {
  test('has these parts', () => {
    expect(Object.fromEntries(stacks.map((stack) => [stack.stackName, inventory(stack)]))).toMatchSnapshot();
  });

  test('breaks no rule of AwsSolutions that is not acknowledged', () => {
    expect(findings).toEqual([]);
  });
});

test('the cost of the front door is told where CloudFront takes the place of gateways', () => {
  // GIVEN the largest platform
  const frontDoor = platformOf('very-large').stacks.find((stack) => stack.stackName.includes('front-door'));
  // THEN both prices are told, and that of the gateway is the higher one
  const message = (frontDoor?.node.metadata ?? []).map(({ data }) => JSON.stringify(data)).join();
  const [, cloudFront, gateway] = /costs about ([\d,]+) USD a month, an API gateway ([\d,]+) /.exec(message) ?? [];
  expect(Number(gateway?.replaceAll(',', ''))).toBeGreaterThan(Number(cloudFront?.replaceAll(',', '')));
});
