import { describe, expect, test } from '@jest/globals';
import type { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { TIERS } from '../../../lib/spec/tiers';
import { platformOf } from './platforms';

const PLATFORMS = TIERS.map(({ name }) => ({ tier: name, ...platformOf(name) }));

/** Number of resources of each type, which shows what a tier has without saying how. */
function inventory(stack: Stack): Record<string, number> {
  const counts: Record<string, number> = {};
  const resources: Record<string, { Type: string }> = Template.fromStack(stack).toJSON().Resources;
  for (const { Type } of Object.values(resources)) counts[Type] = (counts[Type] ?? 0) + 1;
  return Object.fromEntries(Object.entries(counts).sort(([a], [b]) => a.localeCompare(b)));
}

describe.each(PLATFORMS)('the tier $tier', ({ stacks }) => {
  test('has these parts', () => {
    expect(Object.fromEntries(stacks.map((stack) => [stack.stackName, inventory(stack)]))).toMatchSnapshot();
  });

  test('has no load balancer on the Internet', () => {
    for (const stack of stacks) {
      const balancers = Template.fromStack(stack).findResources('AWS::ElasticLoadBalancingV2::LoadBalancer');
      for (const { Properties } of Object.values(balancers)) expect(Properties.Scheme).toBe('internal');
    }
  });
});
