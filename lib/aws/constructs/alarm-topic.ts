import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';

export interface AlarmTopicProps {
  /**
   * Addresses that are written to; each must confirm once.
   * @default none
   */
  readonly emails?: readonly string[];
}

/** Who sends: alarms, budgets, and the watch over costs. */
const SENDERS = ['cloudwatch.amazonaws.com', 'budgets.amazonaws.com', 'costalerts.amazonaws.com'];

/**
 * Where alarms go. Encrypted by a key of its own, because the senders, which are services of AWS, may not use the key of
 * SNS: with that, alarms would be lost without a word.
 */
export class AlarmTopic extends Construct {
  readonly topic: ITopic;

  constructor(scope: Construct, id: string, { emails = [] }: AlarmTopicProps = {}) {
    super(scope, id);
    const principals = SENDERS.map((name) => new ServicePrincipal(name));
    const conditions = { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } };
    const masterKey = new Key(this, 'key', {
      description: 'Alarms',
      enableKeyRotation: true,
      // Messages are gone once they are sent.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    masterKey.addToResourcePolicy(
      new PolicyStatement({
        principals,
        actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
        resources: ['*'],
        conditions,
      }),
    );
    const topic = new Topic(this, 'topic', { displayName: 'Alarms', masterKey, enforceSSL: true });
    // A policy of its own takes the place of the one by which the account's alarms may send.
    topic.addToResourcePolicy(
      new PolicyStatement({ principals, actions: ['sns:Publish'], resources: [topic.topicArn], conditions }),
    );
    for (const email of emails) topic.addSubscription(new EmailSubscription(email));
    this.topic = topic;
  }
}
