import { expect, test } from '@jest/globals';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { AlarmTopic } from '../../../../lib/aws/constructs/alarm-topic';
import { nagFindings, testStack } from '../support';

function make() {
  const stack = testStack();
  new AlarmTopic(stack, 'alarms', { emails: ['ops@example.com'] });
  return stack;
}

const SENDERS = ['budgets.amazonaws.com', 'cloudwatch.amazonaws.com', 'costalerts.amazonaws.com'];
const OF_THIS_ACCOUNT = { StringEquals: { 'aws:SourceAccount': '123456789012' } };

test('it is encrypted by a key that those who send may use', () => {
  // WHEN a topic is made
  const template = Template.fromStack(make());
  // THEN its key is not that of SNS, which would swallow alarms
  template.hasResourceProperties('AWS::SNS::Topic', { KmsMasterKeyId: { 'Fn::GetAtt': [Match.anyValue(), 'Arn'] } });
  template.hasResourceProperties('AWS::KMS::Key', {
    EnableKeyRotation: true,
    KeyPolicy: {
      Statement: Match.arrayWith([
        Match.objectLike({
          Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
          Principal: { Service: SENDERS },
          Condition: OF_THIS_ACCOUNT,
        }),
      ]),
    },
  });
});

test('those who send may, from this account and over TLS', () => {
  Template.fromStack(make()).hasResourceProperties('AWS::SNS::TopicPolicy', {
    PolicyDocument: {
      Statement: Match.arrayWith([
        Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
        Match.objectLike({
          Effect: 'Allow',
          Action: 'sns:Publish',
          Principal: { Service: SENDERS },
          Condition: OF_THIS_ACCOUNT,
        }),
      ]),
    },
  });
});

test('people are written to', () => {
  Template.fromStack(make()).hasResourceProperties('AWS::SNS::Subscription', {
    Protocol: 'email',
    Endpoint: 'ops@example.com',
  });
});

test('AwsSolutions finds nothing that is not acknowledged', () => {
  expect(nagFindings(make())).toEqual([]);
});
