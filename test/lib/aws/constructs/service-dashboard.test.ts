import { expect, test } from '@jest/globals';
import { RestApi } from 'aws-cdk-lib/aws-apigateway';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { ServiceDashboard } from '../../../../lib/aws/constructs/service-dashboard';
import { ServiceLevelAlarms } from '../../../../lib/aws/constructs/service-level-alarms';
import { nagFindings, testStack } from '../support';
import { observedPools, widgetsOf } from './observed';

function make() {
  const stack = testStack();
  const pools = observedPools(stack);
  const api = new RestApi(stack, 'api', { deployOptions: { stageName: 'live' } });
  api.root.addMethod('GET');
  const topic = Topic.fromTopicArn(stack, 'topic', 'arn:aws:sns:eu-west-1:123456789012:alarms');
  const { alarms } = new ServiceLevelAlarms(stack, 'levels', { pools, topic });
  const dashboard = new ServiceDashboard(stack, 'dashboard', {
    title: 'shop',
    pools,
    alarms,
    cache: { nodeIds: ['cache-001'] },
    gateway: { api, stage: api.deploymentStage },
  });
  return { stack, dashboard };
}

test('the state of all alarms is on top', () => {
  expect(widgetsOf(make().stack).find(({ type }) => type === 'alarm')?.properties.alarms).toHaveLength(
    4 + 2 + 1 + 1 + 1,
  );
});

test('each pool shows latency, share of slow and failed, requests and replicas', () => {
  const titles = widgetsOf(make().stack).flatMap(({ properties }) => properties.title ?? []);
  for (const pool of ['web', 'jobs']) {
    expect(titles.filter((title) => title.startsWith(`${pool}: `))).toEqual([
      `${pool}: latency, s`,
      `${pool}: percent slow or failed`,
      `${pool}: requests/min`,
      `${pool}: replicas`,
    ]);
  }
});

test('the objective is a line through the latency, in seconds', () => {
  const ofPool = (pool: string) =>
    widgetsOf(make().stack).find(({ properties }) => properties.title === `${pool}: latency, s`);
  expect(ofPool('web')?.properties.annotations?.horizontal).toEqual([
    expect.objectContaining({ value: 0.1, label: 'p95 to keep' }),
  ]);
  expect(ofPool('jobs')?.properties.annotations).toBeUndefined();
});

test('cache and gateway have a row each', () => {
  const titles = widgetsOf(make().stack).flatMap(({ properties }) => properties.title ?? []);
  expect(titles.filter((title) => title.startsWith('cache: '))).toHaveLength(4);
  expect(titles.filter((title) => title.startsWith('gateway: '))).toHaveLength(4);
});

test('a cache without nodes shows what it refuses instead of how busy a node is', () => {
  const stack = testStack();
  new ServiceDashboard(stack, 'dashboard', {
    title: 'shop',
    pools: observedPools(stack),
    cache: { serverlessName: 'shop-cache' },
  });
  const titles = widgetsOf(stack).flatMap(({ properties }) => properties.title ?? []);
  expect(titles.filter((title) => title.startsWith('cache: '))).toEqual([
    'cache: hit rate, percent',
    'cache: memory, bytes',
    'cache: refused commands/min',
    'cache: evictions/min',
  ]);
});

test('nothing is wider than the page', () => {
  expect(Math.max(...widgetsOf(make().stack).map(({ x, width }) => x + width))).toBe(24);
});

test('AwsSolutions finds nothing that is not acknowledged', () => {
  expect(nagFindings(make().dashboard)).toEqual([]);
});
