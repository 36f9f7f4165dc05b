import { test } from '@jest/globals';
import { RemovalPolicy } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { namedLogGroup } from '../../../lib/aws/named-log-group';
import { testStack } from './support';

test.each([
  // It stays with what is in it, but goes where the deployment that made it fails, or the next would find its name taken.
  [RemovalPolicy.RETAIN, 'RetainExceptOnCreate'],
  [RemovalPolicy.DESTROY, 'Delete'],
])('a log group with the policy %s has the deletion policy %s', (removalPolicy, DeletionPolicy) => {
  const stack = testStack();
  namedLogGroup(stack, 'log', { logGroupName: '/aws/eks/shop/cluster', removalPolicy });
  Template.fromStack(stack).hasResource('AWS::Logs::LogGroup', { DeletionPolicy });
});
