import type { Stack } from 'aws-cdk-lib';
import { LoadBalancer } from '../../../../lib/aws/constructs/load-balancer';
import type { ObservedPool } from '../../../../lib/aws/pool-metrics';
import { existingVpc } from '../support';

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
