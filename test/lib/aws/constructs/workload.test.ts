import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { InferenceCluster } from '../../../../lib/aws/constructs/inference-cluster';
import { LoadBalancerController } from '../../../../lib/aws/constructs/load-balancer-controller';
import { SecurityGroupRule } from '../../../../lib/aws/constructs/security-group-rule';
import { ServiceImage } from '../../../../lib/aws/constructs/service-image';
import { type NamedManifest, WorkloadManifests } from '../../../../lib/aws/constructs/workload-manifests';
import { parseDockerfile } from '../../../../scripts/dockerfile';
import { ENV, existingVpc, testApp, testStack } from '../support';

const ROOT = join(__dirname, '../../../..');
const MANIFEST = 'Custom::AWSCDK-EKS-KubernetesResource';

const namespace = {
  name: 'namespace',
  manifest: [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } }],
};

/** A cluster and, in a stack of their own, the manifests for it. */
function workload(more: (cluster: Stack) => NamedManifest[] = () => []) {
  const app = testApp();
  const clusterStack = new Stack(app, 'cluster', { env: ENV });
  const vpc = existingVpc(clusterStack);
  const { cluster } = new InferenceCluster(clusterStack, 'cluster', { vpc, clusterName: 'shop' });
  const controller = new LoadBalancerController(clusterStack, 'controller', { cluster });
  const stack = new Stack(app, 'workload', { env: ENV });
  const manifests = [namespace, ...more(clusterStack)];
  const construct = new WorkloadManifests(stack, 'manifests', { cluster, manifests });
  construct.node.addDependency(controller);
  return { app, clusterStack, stack, construct };
}

const bare = (name: string): NamedManifest => ({ name, manifest: [] });

describe('manifests', () => {
  test('lie in the stack of the workload, which depends on that of the cluster and not the reverse', () => {
    const { app, clusterStack, stack } = workload();
    app.synth();
    expect(stack.dependencies).toEqual([clusterStack]);
    expect(clusterStack.dependencies).toEqual([]);
    Template.fromStack(clusterStack).resourceCountIs(MANIFEST, 0);
  });

  test('are applied one after the other', () => {
    const { stack } = workload(() => [bare('network')]);
    const resources = Template.fromStack(stack).findResources(MANIFEST);
    const [first, second] = Object.entries(resources);
    expect(first?.[1].DependsOn ?? []).toEqual([]);
    expect(second?.[1].DependsOn).toEqual([first?.[0]]);
  });

  test('are applied again where a deployment stopped half-way', () => {
    Template.fromStack(workload().stack).hasResourceProperties(MANIFEST, { Overwrite: true });
  });

  test('may hold what is known only when it is deployed', () => {
    const { stack } = workload((clusterStack) => {
      const group = new SecurityGroup(clusterStack, 'group', { vpc: existingVpc(new Stack(clusterStack, 'nested')) });
      return [{ name: 'token', manifest: [{ kind: 'ConfigMap', data: { id: group.securityGroupId } }] }];
    });
    const text = JSON.stringify(Template.fromStack(stack).toJSON());
    expect(text).not.toContain('$'.concat('{Token'));
    expect(text).toContain('Fn::GetStackOutput');
  });

  test('are left as they were given', () => {
    const own = { name: 'own', manifest: [{ kind: 'ConfigMap', metadata: { name: 'own' } }] };
    const given = structuredClone(own);
    workload(() => [own]);
    expect(own).toEqual(given);
  });

  test('that are too large for a custom resource are refused', () => {
    const large = { name: 'large', manifest: [{ data: 'x'.repeat(250_000) }] };
    expect(() => workload(() => [large])).toThrow('large of 250013 bytes');
  });

  test('with one name twice are refused', () => {
    expect(() => workload(() => [namespace])).toThrow('namespace twice');
  });
});

test('a rule between security groups belongs to the stack that makes it', () => {
  const app = testApp();
  const [early, late] = ['early', 'late'].map((id) => new Stack(app, id, { env: ENV }));
  const [to, from] = [early, late].map(
    (stack) => new SecurityGroup(stack ?? app, 'g', { vpc: existingVpc(stack ?? app) }),
  );
  if (!early || !late || !to || !from) throw new Error('unreachable');
  new SecurityGroupRule(late, 'rule', { to, from, port: 8000, description: 'requests' });
  app.synth();
  expect(early.dependencies).toEqual([]);
  Template.fromStack(late).hasResourceProperties('AWS::EC2::SecurityGroupIngress', {
    IpProtocol: 'tcp',
    FromPort: 8000,
    ToPort: 8000,
    SourceSecurityGroupId: Match.anyValue(),
  });
});

describe('image', () => {
  test.each([
    ['arm64', 'linux/arm64'],
    ['x86_64', 'linux/amd64'],
  ] as const)('for %s is built for %s', (architecture, platform) => {
    const stack = testStack();
    new ServiceImage(stack, 'image', { directory: ROOT, architecture });
    expect(dockerAsset(stack.node.root)).toMatchObject({
      platform,
      dockerFile: 'service/Dockerfile',
      dockerBuildTarget: 'cpu',
    });
  });

  test('for GPUs is the target with CUDA', () => {
    const stack = testStack();
    new ServiceImage(stack, 'image', { directory: ROOT, architecture: 'x86_64', gpu: true });
    expect(dockerAsset(stack.node.root)).toMatchObject({ dockerBuildTarget: 'gpu', platform: 'linux/amd64' });
  });

  test('is made of what the Dockerfile copies, and of nothing else', () => {
    const outdir = mkdtempSync(join(tmpdir(), 'headroom-context-'));
    try {
      const stack = new Stack(new App({ outdir, analyticsReporting: false }), 'test', { env: ENV });
      const image = new ServiceImage(stack, 'image', { directory: ROOT, architecture: 'arm64' });
      new CfnOutput(stack, 'uri', { value: image.imageUri });
      const context = readdirSync(join(outdir, `asset.${image.assetHash}`)).filter((name) => name !== '.dockerignore');
      const copied = parseDockerfile(readFileSync(join(ROOT, 'service/Dockerfile'), 'utf8').replace(/^ARG .*$/gm, ''))
        .flatMap(({ instructions }) => instructions)
        .filter(({ name, argument }) => name === 'COPY' && !argument.startsWith('--from'))
        .flatMap(({ argument }) => argument.split(' ').slice(0, -1))
        .map((path) => path.split('/')[0]);
      expect(context.sort()).toEqual([...new Set(copied)].sort());
      const models = readdirSync(join(outdir, `asset.${image.assetHash}`, 'models/fraud-detection'));
      expect(models).not.toContain('README.md');
    } finally {
      rmSync(outdir, { recursive: true });
    }
  });
});

function dockerAsset(root: unknown): unknown {
  if (!(root instanceof App)) throw new Error('expected an app');
  const assembly = root.synth();
  const manifest = JSON.parse(readFileSync(join(assembly.directory, 'test.assets.json'), 'utf8'));
  const [asset] = Object.values<{ source: object }>(manifest.dockerImages);
  return asset?.source;
}
