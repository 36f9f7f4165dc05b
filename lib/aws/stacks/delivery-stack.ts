import { CfnOutput } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { ModelStore } from '../constructs/model-store';
import { type PlatformRegion, PlatformStack } from './platform-stack';

/** Where models lie, deployed before the replicas that fetch them so that they can be pushed in between. */
export class DeliveryStack extends PlatformStack {
  readonly modelStore: ModelStore;

  constructor(scope: Construct, place: PlatformRegion) {
    super(scope, 'delivery', place, 'the store of models');
    this.modelStore = new ModelStore(this, 'models', { removalPolicy: this.removalPolicy });
    new CfnOutput(this, 'ModelStoreUrl', { value: this.modelStore.bucket.s3UrlForObject() });
  }
}
