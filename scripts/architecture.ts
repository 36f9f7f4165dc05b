// Draws the pictures of docs/architecture.md from the cloud assemblies of two examples. Run: npm run architecture
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { manifestsOf } from '../k8s/manifests';
import { checkSpec } from '../lib/aws/checks';
import { addPlatform } from '../lib/aws/platform';
import { loadSpec } from '../lib/spec/load';

const ROOT = join(__dirname, '..');
const PAGE = join(ROOT, 'docs/architecture.md');

/** Parts that a picture names, in the order of a stack's line. */
const PARTS: Readonly<Record<string, string>> = {
  'AWS::SNS::Topic': 'topic',
  'AWS::Budgets::Budget': 'budget',
  'AWS::EC2::VPC': 'VPC',
  'AWS::EC2::NatGateway': 'NAT gateway',
  'AWS::EC2::VPCEndpoint': 'VPC endpoint',
  'AWS::ElastiCache::ReplicationGroup': 'Redis',
  'AWS::S3::Bucket': 'bucket',
  'AWS::EKS::Cluster': 'EKS cluster',
  'AWS::EKS::Nodegroup': 'node group',
  'Custom::AWSCDK-EKS-HelmChart': 'Helm chart',
  'AWS::WAFv2::WebACL': 'firewall',
  'AWS::CloudFront::Distribution': 'CloudFront distribution',
  'AWS::CloudFront::Function': 'edge function',
  'AWS::ApiGateway::RestApi': 'API gateway',
  'AWS::ApiGateway::UsagePlan': 'usage plan',
  'AWS::CloudFront::VpcOrigin': 'VPC origin',
  'AWS::ElasticLoadBalancingV2::LoadBalancer': 'load balancer',
  'AWS::ElasticLoadBalancingV2::TargetGroup': 'target group',
  'Custom::AWSCDK-EKS-KubernetesResource': 'set of manifests',
  'AWS::CloudWatch::Dashboard': 'dashboard',
  'AWS::CloudWatch::Alarm': 'alarm',
};

const DISTRIBUTION = 'AWS::CloudFront::Distribution';

/** What a request passes, from the caller on; parts that a platform does not have are left out. */
const WAY = [
  'AWS::WAFv2::WebACL',
  'AWS::CloudFront::Function',
  DISTRIBUTION,
  'AWS::ApiGateway::RestApi',
  'AWS::ApiGatewayV2::VpcLink',
  'AWS::CloudFront::VpcOrigin',
  'AWS::ElasticLoadBalancingV2::LoadBalancer',
  'AWS::ElasticLoadBalancingV2::TargetGroup',
] as const;
const ON_THE_WAY: Readonly<Record<string, string>> = { ...PARTS, 'AWS::ApiGatewayV2::VpcLink': 'VPC link' };

interface PicturedStack {
  readonly name: string;
  readonly dependencies: readonly string[];
  /** Number of resources by type. */
  readonly counts: ReadonlyMap<string, number>;
}

function assemblyOf(example: string): PicturedStack[] {
  const app = new App({
    analyticsReporting: false,
    builtinCloudFormationValidation: false,
    context: {
      ...JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8')).context,
      'aws:cdk:disable-asset-staging': true,
    },
  });
  const spec = checkSpec(loadSpec(join(ROOT, 'examples', `${example}.yaml`)));
  addPlatform(app, { spec, imageDirectory: ROOT, makeManifests: (settings) => manifestsOf(spec, settings) });
  const assembly = app.synth();
  return app.node.children.filter(Stack.isStack).map((stack) => {
    const resources: { Type: string }[] = Object.values(assembly.getStackByName(stack.stackName).template.Resources);
    const counts = new Map<string, number>();
    for (const { Type } of resources) counts.set(Type, (counts.get(Type) ?? 0) + 1);
    return { name: stack.stackName, dependencies: stack.dependencies.map((other) => other.stackName), counts };
  });
}

/** Stacks with their main parts; arrows lead to what must be there before. */
function pictureOfStacks(stacks: readonly PicturedStack[]): string[] {
  const boxes = stacks.map(({ name, counts }) => {
    const parts = Object.keys(PARTS).flatMap((type) =>
      counts.has(type) ? counted(counts.get(type), PARTS[type]) : [],
    );
    return `  ${name}["<b>${name}</b><br>${parts.join('<br>')}"]`;
  });
  const arrows = stacks.flatMap(({ name, dependencies }) => dependencies.map((other) => `  ${name} --> ${other}`));
  return ['flowchart LR', ...boxes, ...arrows];
}

/** The way of a request through what is there, and of the models. */
function pictureOfRequest(stacks: readonly PicturedStack[]): string[] {
  const counter = (some: readonly PicturedStack[]) => (type: string) =>
    some.reduce((sum, { counts }) => sum + (counts.get(type) ?? 0), 0);
  const ofModels = counter(stacks.filter(({ name }) => name.endsWith('-delivery')));
  const total = counter(stacks.filter(({ name }) => !name.endsWith('-delivery')));
  const gateways = total('AWS::ApiGateway::RestApi');
  // Beside a gateway, a distribution is a second way in.
  const way = WAY.filter((type) => total(type) > 0 && (gateways === 0 || type !== DISTRIBUTION));
  const steps = way.map((type) => counted(total(type), ON_THE_WAY[type]));
  const boxes = ['client', ...steps, 'replicas'].map((step, index) => `s${index}["${step}"]`);
  const replicas = `s${boxes.length - 1}`;
  const redis = total('AWS::ElastiCache::ReplicationGroup');
  return [
    'flowchart LR',
    `  ${boxes.join(' --> ')}`,
    ...(gateways > 0 && total(DISTRIBUTION) > 0
      ? [`  s0 -- GET for an entity --> cached["${ON_THE_WAY[DISTRIBUTION]}"] --> s1`]
      : []),
    ...(redis > 0 ? [`  ${replicas} --> redis["${counted(redis, 'Redis')}"]`] : []),
    `  models["store of models"] -.-> ${replicas}`,
    ...(ofModels(DISTRIBUTION) > 0
      ? [`  models -.-> edge["${ON_THE_WAY[DISTRIBUTION]}"] -.-> readers["replicas outside AWS"]`]
      : []),
  ];
}

function counted(count = 0, name = ''): string {
  return count === 1 ? name : `${count} × ${name}`;
}

/** The page with its pictures drawn anew: each stands between a comment `picture: EXAMPLE KIND` and the next fence. */
export function drawn(page: string): string {
  const assemblies = new Map<string, PicturedStack[]>();
  return page.replace(/(<!-- picture: (\S+) (stacks|request) -->\n```mermaid\n)[^`]*/g, (_, head, example, kind) => {
    const stacks = assemblies.get(example) ?? assemblyOf(example);
    assemblies.set(example, stacks);
    const lines = kind === 'stacks' ? pictureOfStacks(stacks) : pictureOfRequest(stacks);
    return `${head}${lines.join('\n')}\n`;
  });
}

if (require.main === module) writeFileSync(PAGE, drawn(readFileSync(PAGE, 'utf8')));
