import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, type AppProps, Stack, type StackProps } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { type IVpc, Vpc } from 'aws-cdk-lib/aws-ec2';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { Construct, IConstruct } from 'constructs';

/** Where tests deploy to, so that nothing depends on the machine they run on. */
export const ENV = { account: '123456789012', region: 'eu-west-1' } as const;

const ROOT = join(__dirname, '../../..');
const FLAGS: Record<string, unknown> = JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8')).context;

/**
 * An app with the feature flags of cdk.json. Schema validation is off, because each test file would compile the
 * validator anew, and assets are not copied.
 */
export function testApp(props: AppProps = {}): App {
  return new App({
    analyticsReporting: false,
    builtinCloudFormationValidation: false,
    context: { ...FLAGS, 'aws:cdk:disable-asset-staging': true },
    ...props,
  });
}

/** A stack of its own app, for tests of one construct. */
export function testStack(props: StackProps = {}): Stack {
  return new Stack(testApp(), 'test', { env: ENV, ...props });
}

/** A VPC over three zones that is there already, so that a template holds nothing of it. */
export function existingVpc(scope: Construct): IVpc {
  return Vpc.fromVpcAttributes(scope, 'vpc', {
    vpcId: 'vpc-1',
    vpcCidrBlock: '10.0.0.0/16',
    availabilityZones: ['eu-west-1a', 'eu-west-1b', 'eu-west-1c'],
    privateSubnetIds: ['private-1', 'private-2', 'private-3'],
    privateSubnetRouteTableIds: ['routes-1', 'routes-2', 'routes-3'],
    isolatedSubnetIds: ['isolated-1', 'isolated-2', 'isolated-3'],
    isolatedSubnetRouteTableIds: ['routes-4', 'routes-5', 'routes-6'],
  });
}

/** Findings of the AwsSolutions rules that nobody acknowledged, each as `rule: path of the construct`. */
export function nagFindings(scope: IConstruct): string[] {
  return new AwsSolutionsChecks()
    .validateScope(scope)
    .violations.flatMap(({ ruleName, violatingResources }) =>
      violatingResources.map(({ constructPath }) => `${ruleName}: ${constructPath}`),
    );
}

/** The template of a stack for a snapshot: what changes with the content of assets is left out. */
export function stableTemplate(stack: Stack): unknown {
  const text = JSON.stringify(Template.fromStack(stack).toJSON());
  return JSON.parse(text.replaceAll(HASH, '<hash>').replaceAll(API_DEPLOYMENT, '$1<hash>'));
}

/** SHA-256 of assets and of launch template data. */
const HASH = /[0-9a-f]{64}/g;
/** A gateway's deployment has an MD5 of the API in its logical id. */
const API_DEPLOYMENT = /(Deployment[0-9A-F]{8})[0-9a-f]{32}/g;
