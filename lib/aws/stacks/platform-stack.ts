import { RemovalPolicies, RemovalPolicy, Stack, Tags } from 'aws-cdk-lib';
import { CfnLogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { AwsSpec } from '../checks';
import { threeZones } from '../constructs/network';
import { type StackKind, SYSTEM_TAG, stackName } from '../names';
import { TIER_DESIGNS, type TierDesign } from '../tier-design';

/** One region of a platform. */
export interface PlatformRegion {
  readonly spec: AwsSpec;
  readonly region: string;
}

/** A part of a platform with a life of its own: what is deployed, changed and deleted together. */
export abstract class PlatformStack extends Stack {
  /** What the tier of the spec has. */
  protected readonly design: TierDesign;
  /** What becomes of that which holds data when it is no longer part of the stack. */
  protected readonly removalPolicy: RemovalPolicy;

  constructor(scope: Construct, kind: StackKind, { spec, region }: PlatformRegion, description: string) {
    const { account, environment } = spec.aws;
    const production = environment === 'prod';
    const tags = { [SYSTEM_TAG]: spec.name, 'headroom:environment': environment, 'headroom:part': kind };
    super(scope, stackName(spec, kind, region), {
      env: { region, ...(account === undefined ? {} : { account }) },
      description: `${spec.name}: ${description}`,
      terminationProtection: production,
      tags,
    });
    // The stack's tags reach what CloudFormation tags itself; these reach the templates, where tests see them.
    for (const [key, value] of Object.entries(tags)) Tags.of(this).add(key, value);
    this.design = TIER_DESIGNS[spec.tier.name];
    this.removalPolicy = production ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;
    // The logs of functions that CDK brings with it would stay.
    const logs = { applyToResourceTypes: [CfnLogGroup.CFN_RESOURCE_TYPE_NAME] };
    if (!production) RemovalPolicies.of(this).destroy(logs);
  }

  /** Known only where it is deployed; CDK would ask AWS as soon as the spec names an account. */
  override get availabilityZones(): string[] {
    return threeZones();
  }
}
