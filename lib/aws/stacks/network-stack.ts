import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import { Network } from '../constructs/network';
import { type PlatformRegion, PlatformStack } from './platform-stack';

/** What everything stands on, and what changes least. */
export class NetworkStack extends PlatformStack {
  readonly vpc: IVpc;

  constructor(scope: Construct, place: PlatformRegion) {
    super(scope, 'network', place, 'VPC over three zones');
    const { natGateways, interfaceEndpoints } = this.design;
    this.vpc = new Network(this, 'network', { natGateways, interfaceEndpoints, removalPolicy: this.removalPolicy }).vpc;
  }
}
