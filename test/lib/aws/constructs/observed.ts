import type { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Distribution } from 'aws-cdk-lib/aws-cloudfront';
import { LoadBalancer } from '../../../../lib/aws/constructs/load-balancer';
import type { ObservedFrontDoor } from '../../../../lib/aws/edge/metric';
import type { ObservedPool } from '../../../../lib/aws/pool-metrics';
import { ENV, existingVpc, testStack } from '../support';

/** Two pools behind a load balancer: one with an objective of 100 ms, one with neither objective nor limit. */
export function observedPools(stack: Stack): readonly [ObservedPool, ObservedPool] {
  const { targetGroups, alb: loadBalancer } = new LoadBalancer(stack, 'load-balancer', {
    vpc: existingVpc(stack),
    pools: [
      { name: 'web', models: ['fraud'] },
      { name: 'jobs', models: ['embed'] },
    ],
  });
  const { web, jobs } = targetGroups;
  if (web === undefined || jobs === undefined) throw new Error('a load balancer has a group for each pool');
  return [
    { name: 'web', targetGroup: web, loadBalancer, p95Ms: 100, maxReplicas: 20 },
    { name: 'jobs', targetGroup: jobs, loadBalancer },
  ];
}

/** Where CloudFront is counted. */
export function edgeStack(): Stack {
  return testStack({ env: { ...ENV, region: 'us-east-1' } });
}

/** An entrance at the edge that is there already. */
export function observedFrontDoor(stack: Stack, p95Ms?: number): ObservedFrontDoor {
  const distribution = Distribution.fromDistributionAttributes(stack, 'distribution', {
    distributionId: 'E2EXAMPLE',
    domainName: 'd111.cloudfront.net',
  });
  return {
    distribution,
    functionName: 'entrance',
    firewall: { metricName: 'edge-firewall', region: undefined },
    p95Ms,
  };
}

export interface Widget {
  readonly type: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly properties: {
    readonly title?: string;
    readonly alarms?: unknown[];
    readonly annotations?: { horizontal: { value: number }[] };
  };
}

/** The one page of a stack as CloudWatch reads it, with references left open. */
export function widgetsOf(stack: Stack): Widget[] {
  const [dashboard] = Object.values(Template.fromStack(stack).findResources('AWS::CloudWatch::Dashboard'));
  const body = dashboard?.Properties.DashboardBody;
  const parts: unknown[] = body['Fn::Join'][1];
  return JSON.parse(parts.map((part) => (typeof part === 'string' ? part : 'reference')).join('')).widgets;
}
