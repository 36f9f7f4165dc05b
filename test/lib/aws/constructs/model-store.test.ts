import { describe, expect, test } from '@jest/globals';
import { RemovalPolicy, type Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { ModelStore, type ModelStoreProps } from '../../../../lib/aws/constructs/model-store';
import { nagFindings, testStack } from '../support';

function make(props?: ModelStoreProps): { stack: Stack; store: ModelStore } {
  const stack = testStack();
  return { stack, store: new ModelStore(stack, 'store', props) };
}

function synth(props?: ModelStoreProps): Template {
  return Template.fromStack(make(props).stack);
}

const VERSIONED = { VersioningConfiguration: { Status: 'Enabled' } };

test('nothing in it is public', () => {
  synth().allResourcesProperties('AWS::S3::Bucket', {
    PublicAccessBlockConfiguration: {
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    },
  });
});

test('it is reached over TLS only, and so are its records', () => {
  synth().allResourcesProperties('AWS::S3::BucketPolicy', {
    PolicyDocument: {
      Statement: Match.arrayWith([
        Match.objectLike({ Action: 's3:*', Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
      ]),
    },
  });
});

test('it is encrypted, by a key of its own where there is one', () => {
  const by = (algorithm: string) => ({
    ...VERSIONED,
    BucketEncryption: {
      ServerSideEncryptionConfiguration: [
        Match.objectLike({ ServerSideEncryptionByDefault: Match.objectLike({ SSEAlgorithm: algorithm }) }),
      ],
    },
  });
  synth().hasResourceProperties('AWS::S3::Bucket', by('AES256'));
  const stack = testStack();
  new ModelStore(stack, 'store', { encryptionKey: new Key(stack, 'key') });
  Template.fromStack(stack).hasResourceProperties('AWS::S3::Bucket', by('aws:kms'));
});

test('what was replaced can be brought back for some days, and parts of broken pushes go', () => {
  synth({ restorableDays: 10 }).hasResourceProperties('AWS::S3::Bucket', {
    ...VERSIONED,
    LifecycleConfiguration: {
      Rules: [
        Match.objectLike({
          Status: 'Enabled',
          NoncurrentVersionExpiration: { NoncurrentDays: 10 },
          AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
          // Current models never go by themselves.
          ExpirationInDays: Match.absent(),
        }),
      ],
    },
  });
});

test('each access is recorded, by a right in the policy of the records and no access control list', () => {
  // WHEN a store is made
  const template = synth();
  // THEN it writes to the other bucket, which lets S3 do so
  template.hasResourceProperties('AWS::S3::Bucket', {
    ...VERSIONED,
    LoggingConfiguration: { DestinationBucketName: { Ref: Match.stringLikeRegexp('accesslogs') } },
  });
  template.hasResourceProperties('AWS::S3::BucketPolicy', {
    PolicyDocument: {
      Statement: Match.arrayWith([
        Match.objectLike({ Principal: { Service: 'logging.s3.amazonaws.com' }, Action: 's3:PutObject' }),
      ]),
    },
  });
  template.hasResourceProperties('AWS::S3::Bucket', {
    AccessControl: Match.absent(),
    VersioningConfiguration: Match.absent(),
  });
});

test('models outlive the stack, unless they are to go with it', () => {
  synth().allResources('AWS::S3::Bucket', { DeletionPolicy: 'Retain' });
  // A bucket that is not empty would hold the stack.
  const template = synth({ removalPolicy: RemovalPolicy.DESTROY });
  template.allResources('AWS::S3::Bucket', { DeletionPolicy: 'Delete' });
  template.resourceCountIs('Custom::S3AutoDeleteObjects', 2);
});

test('a model is named as the spec names it', () => {
  const { stack, store } = make();
  expect(stack.resolve(store.urlOf('fraud-detection'))).toEqual({
    'Fn::Join': ['', ['s3://', { Ref: expect.stringMatching(/bucket/) }, '/fraud-detection']],
  });
});

describe('rights', () => {
  function actionsOf(grant: (store: ModelStore, role: Role) => void): unknown {
    const { stack, store } = make();
    grant(store, new Role(stack, 'role', { assumedBy: new ServicePrincipal('pods.eks.amazonaws.com') }));
    // Whoever is granted something must not be left with a finding for it.
    expect(nagFindings(stack)).toEqual([]);
    const [policy] = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy'));
    return policy?.Properties.PolicyDocument.Statement;
  }

  test('replicas may read objects, and do nothing else', () => {
    expect(actionsOf((store, role) => store.grantPull(role))).toEqual([
      {
        Action: 's3:GetObject',
        Effect: 'Allow',
        Resource: { 'Fn::Join': ['', [{ 'Fn::GetAtt': [expect.stringMatching(/bucket/), 'Arn'] }, '/*']] },
      },
    ]);
  });

  test('whoever publishes may write, but delete nothing', () => {
    expect(actionsOf((store, role) => store.grantPush(role))).toEqual([
      expect.objectContaining({ Action: ['s3:AbortMultipartUpload', 's3:GetObject', 's3:PutObject'] }),
    ]);
  });

  test('a key of its own is opened with the bucket', () => {
    // GIVEN a store with a key
    const stack = testStack();
    const store = new ModelStore(stack, 'store', { encryptionKey: new Key(stack, 'key') });
    const role = new Role(stack, 'role', { assumedBy: new ServicePrincipal('pods.eks.amazonaws.com') });
    // WHEN a replica may fetch
    store.grantPull(role);
    // THEN it may decrypt, and not encrypt
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Action: 'kms:Decrypt' })]) },
    });
  });
});

test('AwsSolutions finds nothing that is not acknowledged', () => {
  expect(nagFindings(make().stack)).toEqual([]);
});
