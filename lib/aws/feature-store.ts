import { ArnFormat, Stack } from 'aws-cdk-lib';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { parseFeatureStoreUrl, storePort } from '../spec/feature-store-url';
import type { AwsSpec } from './checks';
import type { WorkloadSettings } from './workload';

/** Where the replicas of a region read features; undefined where the features lie beside the models. */
export function featureStoreIn(region: string, { aws: { featureStore } }: AwsSpec): WorkloadSettings['featureStore'] {
  if (featureStore === undefined) return undefined;
  const { url, tokenSecret } = featureStore;
  const store = parseFeatureStoreUrl(url);
  const isNear = store?.kind === 'dynamodb' && store.region === undefined;
  return {
    // Each region has a replica of a global table, as it has a store of models.
    url: isNear ? `${url}?region=${region}` : url,
    port: storePort(url),
    ...(tokenSecret && { tokenSecret }),
  };
}

/** Lets replicas read a table by the one command that they send; other stores do not ask AWS who they are. */
export function grantFeatures(scope: Construct, url: string, grantee: IGrantable): void {
  const store = parseFeatureStoreUrl(url);
  if (store?.kind !== 'dynamodb') return;
  const { table: resourceName, region } = store;
  Grant.addToPrincipal({
    grantee,
    actions: ['dynamodb:BatchGetItem'],
    resourceArns: [
      Stack.of(scope).formatArn({
        service: 'dynamodb',
        ...(region !== undefined && { region }),
        resource: 'table',
        resourceName,
        arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
      }),
    ],
  });
}
