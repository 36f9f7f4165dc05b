import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { platformOfFile } from './platforms';

const folder = mkdtempSync(join(tmpdir(), 'headroom-features-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The workload of a small platform with a store of features, its manifests as plain text. */
function workloadWith(featureStore: string): { template: Template; manifests: string } {
  const file = join(folder, 'headroom.yaml');
  writeFileSync(
    file,
    `name: shop
models:
  ranking: {useCase: recommendations, path: models/ranking, peakQps: 10, pool: web, features: {view: user}}
pools: {web: {}}
consumers: {web: {rateQps: 10, burst: 20}}
aws: {region: us-east-1, account: '123456789012', featureStore: ${featureStore}}
`,
  );
  const stack = platformOfFile(file).stacks.find(({ stackName }) => stackName === 'shop-workload');
  const template = Template.fromStack(stack ?? new Stack());
  return { template, manifests: JSON.stringify(template.toJSON()).replaceAll('\\', '') };
}

/** The statements of all policies that name DynamoDB. */
function tableRights(template: Template): unknown[] {
  return Object.values(template.findResources('AWS::IAM::Policy')).flatMap(({ Properties }) =>
    Properties.PolicyDocument.Statement.filter(({ Action }: { Action: unknown }) =>
      JSON.stringify(Action).includes('dynamodb:'),
    ),
  );
}

test('a table of features is told to the pods, in their region, and they may read it and do nothing else with it', () => {
  const { template, manifests } = workloadWith('{url: dynamodb://features}');
  expect(manifests).toContain('"name":"HEADROOM_FEATURE_STORE","value":"dynamodb://features?region=us-east-1"');
  expect(tableRights(template)).toEqual([
    {
      Action: 'dynamodb:BatchGetItem',
      Effect: 'Allow',
      Resource: 'arn:aws:dynamodb:us-east-1:123456789012:table/features',
    },
  ]);
});

test('a table in another region stays there', () => {
  const { template, manifests } = workloadWith('{url: "dynamodb://features?region=eu-west-1"}');
  expect(manifests).toContain('"value":"dynamodb://features?region=eu-west-1"');
  expect(tableRights(template)).toEqual([
    expect.objectContaining({ Resource: 'arn:aws:dynamodb:eu-west-1:123456789012:table/features' }),
  ]);
});

test('a server of HTTP is reached at its port, with the token of a Secret, and asks AWS for no right', () => {
  const { template, manifests } = workloadWith(
    '{url: "http://feast.features.svc:6566", tokenSecret: {name: feast, key: bearer}}',
  );
  expect(manifests).toContain('"value":"http://feast.features.svc:6566"');
  expect(manifests).toContain('"secretKeyRef":{"key":"bearer","name":"feast"}');
  expect(manifests).toMatch(/"port":6566,"protocol":"TCP"|"protocol":"TCP","port":6566/);
  expect(tableRights(template)).toEqual([]);
});
