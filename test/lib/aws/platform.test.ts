import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { parseSpec } from '../../../lib/spec/load';
import { TIERS } from '../../../lib/spec/tiers';
import { platformFrom, platformOf } from './platforms';
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

describe('alarms of the front door', () => {
  /** The largest platform in other regions; what its front door is told by, and the regions of all topics. */
  function alarmsIn(regions: string) {
    const file = join(__dirname, '../../../examples/very-large.yaml');
    const text = readFileSync(file, 'utf8')
      .replace(/region: .*\n {2}regions: .*/, regions)
      .replace(/ *modelReaders:.*/, '');
    const { stacks } = platformFrom(parseSpec(text, file));
    const frontDoor = stacks.find(({ stackName }) => stackName.includes('front-door'));
    if (frontDoor === undefined) throw new Error('the largest platform has no front door');
    const topics = stacks.filter(({ stackName }) => stackName.includes('-alarms'));
    return { frontDoor, topics: topics.map(({ stackName }) => stackName) };
  }

  test.each([
    ['region: eu-west-1\n  regions: [us-east-1]', ['planet-alarms', 'planet-alarms-us-east-1']],
    ['region: us-east-1\n  regions: [eu-west-1]', ['planet-alarms', 'planet-alarms-eu-west-1']],
    [
      'region: eu-west-1\n  regions: [eu-north-1]',
      ['planet-alarms', 'planet-alarms-eu-north-1', 'planet-alarms-us-east-1'],
    ],
  ])('go to a topic of the region in which CloudFront is counted: %s', (regions, names) => {
    const { frontDoor, topics } = alarmsIn(regions);
    expect(topics).toEqual(names);
    // Both examples have an objective for each pool: 7 alarms, and none to a topic elsewhere.
    const alarms = Object.values(Template.fromStack(frontDoor).findResources('AWS::CloudWatch::Alarm'));
    expect(alarms).toHaveLength(7);
    const topic = regions.startsWith('region: us-east-1') ? 'planet-alarms' : 'planet-alarms-us-east-1';
    for (const { Properties } of alarms) {
      expect(Properties.AlarmActions).toEqual([
        { 'Fn::GetStackOutput': expect.objectContaining({ StackName: topic }) },
      ]);
    }
  });
});
