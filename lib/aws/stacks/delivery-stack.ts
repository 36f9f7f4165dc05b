import { CfnOutput } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { ModelDelivery } from '../constructs/model-delivery';
import { ModelStore } from '../constructs/model-store';
import { type PlatformRegion, PlatformStack } from './platform-stack';

/**
 * Where models lie, deployed before the replicas that fetch them so that they can be pushed in between; and the way to
 * them for whoever runs them outside AWS, see docs/decisions/0018-models-at-the-edge-for-readers-outside.md.
 */
export class DeliveryStack extends PlatformStack {
  readonly modelStore: ModelStore;

  constructor(scope: Construct, place: PlatformRegion) {
    super(scope, 'delivery', place, 'the store of models');
    const { removalPolicy } = this;
    this.modelStore = new ModelStore(this, 'models', { removalPolicy });
    new CfnOutput(this, 'ModelStoreUrl', { value: this.modelStore.bucket.s3UrlForObject() });
    const { region, modelReaders: networks } = place.spec.aws;
    // One address for all readers, wherever they are: CloudFront is near each of them.
    if (networks.length === 0 || place.region !== region) return;
    const delivery = new ModelDelivery(this, 'model-delivery', {
      store: this.modelStore.bucket,
      access: { type: 'networks', networks },
      removalPolicy,
    });
    new CfnOutput(this, 'ModelDeliveryUrl', { value: delivery.url });
  }
}
