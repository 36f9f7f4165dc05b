import { CfnOutput } from 'aws-cdk-lib';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import type { Cluster } from 'aws-cdk-lib/aws-eks-v2';
import type { Construct } from 'constructs';
import { metricRulesName, PORTS, SERVICE_ACCOUNT } from '../../contract';
import type { Architecture } from '../../plan/instance-types';
import { CustomMetrics } from '../constructs/custom-metrics';
import type { LoadBalancer } from '../constructs/load-balancer';
import type { ModelStore } from '../constructs/model-store';
import { PodIdentity } from '../constructs/pod-identity';
import { SecurityGroupRule } from '../constructs/security-group-rule';
import { ServiceImage } from '../constructs/service-image';
import { WorkloadManifests } from '../constructs/workload-manifests';
import { featureStoreIn, grantFeatures } from '../feature-store';
import type { SharedRedis } from '../redis-users';
import { findMetricRules, type MakeManifests, type WorkloadSettings } from '../workload';
import { type PlatformRegion, PlatformStack } from './platform-stack';

export interface WorkloadStackProps extends PlatformRegion {
  readonly vpc: IVpc;
  readonly cluster: Cluster;
  readonly prometheusUrl: string;
  readonly loadBalancer: LoadBalancer;
  readonly redis: SharedRedis | undefined;
  readonly modelStore: ModelStore;
  /** Folder from which the image is built. */
  readonly imageDirectory: string;
  readonly makeManifests: MakeManifests;
}

/**
 * The replicas, and what they may reach. All that ties earlier stacks together is here, so that none of them depends on
 * a later one: rules between their security groups, and rights of the pods.
 */
export class WorkloadStack extends PlatformStack {
  constructor(scope: Construct, props: WorkloadStackProps) {
    super(scope, 'workload', props, 'the replicas and what they may reach');
    const { spec, cluster, loadBalancer, redis, prometheusUrl } = props;
    const identity = new PodIdentity(this, 'identity', {
      cluster,
      namespace: spec.name,
      serviceAccount: SERVICE_ACCOUNT,
    });
    // For the policies of what they use beside the platform, such as the buckets of batch runs.
    new CfnOutput(this, 'PodRoleArn', { value: identity.role.roleArn });
    const pods = cluster.clusterSecurityGroup;
    new SecurityGroupRule(this, 'load-balancer-to-pods', {
      from: loadBalancer.securityGroup,
      to: pods,
      port: PORTS.http,
      description: 'load balancer to replicas',
    });
    props.modelStore.grantPull(identity);
    if (redis !== undefined) this.#connect(redis, identity, cluster);
    const featureStore = featureStoreIn(props.region, spec);
    if (featureStore !== undefined) grantFeatures(this, featureStore.url, identity);
    const made = props.makeManifests({ ...this.#settings(props), ...(featureStore && { featureStore }) });
    const manifests = new WorkloadManifests(this, 'manifests', { cluster, manifests: made });
    manifests.node.addDependency(identity);
    const metrics = findMetricRules(made, metricRulesName(spec.name));
    if (metrics !== undefined) {
      const { rules, manifest } = metrics;
      const adapter = new CustomMetrics(this, 'custom-metrics', { cluster, prometheusUrl, rules });
      adapter.node.addDependency(manifests.applied[manifest] ?? manifests);
    }
  }

  #connect(redis: SharedRedis, identity: PodIdentity, cluster: Cluster): void {
    redis.grantConnect(identity);
    for (const [index, to] of redis.connections.securityGroups.entries()) {
      new SecurityGroupRule(this, `pods-to-redis-${index}`, {
        from: cluster.clusterSecurityGroup,
        to,
        port: redis.port,
        description: 'replicas to Redis',
      });
    }
  }

  #settings(props: WorkloadStackProps): WorkloadSettings {
    const { vpc, loadBalancer, redis, modelStore } = props;
    const groups = Object.entries(loadBalancer.targetGroups);
    return {
      ...this.#images(props),
      clientCidrs: [vpc.vpcCidrBlock],
      targetGroupArns: Object.fromEntries(groups.map(([pool, group]) => [pool, group.targetGroupArn])),
      modelStore: { url: modelStore.bucket.s3UrlForObject() },
      ...(redis && {
        redis: { url: redis.url, port: redis.port, iam: { user: redis.iamUser, cacheName: redis.iamCacheName } },
      }),
    };
  }
  /** Only those that a pool runs: each takes minutes to build and to push. */
  #images({ spec, imageDirectory: directory }: WorkloadStackProps): Pick<WorkloadSettings, 'image' | 'gpuImage'> {
    const onGpu = spec.pools.filter(({ gpu }) => gpu !== undefined);
    const build = (id: string, architecture: Architecture, gpu: boolean) =>
      new ServiceImage(this, id, { directory, architecture, gpu }).imageUri;
    if (onGpu.length === 0) return { image: build('image', 'arm64', false) };
    const gpuImage = build('gpu-image', 'x86_64', true);
    return { image: onGpu.length === spec.pools.length ? gpuImage : build('image', 'arm64', false), gpuImage };
  }
}
