import { expect, test } from '@jest/globals';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { FrontDoorAlarms } from '../../../../lib/aws/constructs/front-door-alarms';
import { FrontDoorDashboard } from '../../../../lib/aws/constructs/front-door-dashboard';
import { nagFindings, testStack } from '../support';
import { edgeStack, observedFrontDoor, widgetsOf } from './observed';

function make(p95Ms?: number, stack = edgeStack()) {
  const frontDoor = observedFrontDoor(stack, p95Ms);
  const topic = Topic.fromTopicArn(stack, 'topic', 'arn:aws:sns:us-east-1:123456789012:alarms');
  const { alarms } = new FrontDoorAlarms(stack, 'alarms', { frontDoor, topic });
  new FrontDoorDashboard(stack, 'dashboard', { title: 'planet: front door', frontDoor, alarms });
  return stack;
}

test('the state of all alarms is on top', () => {
  expect(widgetsOf(make(100)).find(({ type }) => type === 'alarm')?.properties.alarms).toHaveLength(7);
});

test('what callers get is above who is refused', () => {
  expect(widgetsOf(make(100)).flatMap(({ y, properties: { title } }) => (title ? [`${y} ${title}`] : []))).toEqual([
    '1 Alarm Status',
    '4 requests/min',
    '4 latency of the regions, ms',
    '4 failed, percent',
    '4 from the cache, percent',
    '10 without a known key, percent',
    '10 refused by the firewall, percent',
    '10 seen by the firewall/min',
    '10 function: failures/min, and percent of its time',
  ]);
});

test('the objective, with the way to the regions, is a line through their latency', () => {
  const ofLatency = (p95Ms?: number) =>
    widgetsOf(make(p95Ms)).find(({ properties }) => properties.title === 'latency of the regions, ms');
  expect(ofLatency(100)?.properties.annotations?.horizontal).toEqual([
    expect.objectContaining({ value: 400, label: 'p95 to keep, with the way' }),
  ]);
  expect(ofLatency()?.properties.annotations).toBeUndefined();
});

test('nothing is wider than the page', () => {
  expect(Math.max(...widgetsOf(make()).map(({ x, width }) => x + width))).toBe(24);
});

test('in another region it is refused', () => {
  const stack = testStack();
  const frontDoor = observedFrontDoor(stack);
  expect(() => new FrontDoorDashboard(stack, 'dashboard', { title: 'planet', frontDoor })).toThrow(
    "FrontDoorDashboard: found 'a dashboard of CloudFront in a stack in eu-west-1', expected a stack in us-east-1",
  );
});

test('AwsSolutions finds nothing that is not acknowledged', () => {
  expect(nagFindings(make())).toEqual([]);
});
