// Gives every manifest of the charts' tests to a real API server, in a strict dry run in which a warning is a failure,
// and a pod of each template, so that Pod Security judges it. Run: npm run e2e:apiserver -- CRDS, where CRDS is a folder
// with the definitions of KEDA, the Prometheus operator and the AWS Load Balancer Controller; without it custom resources
// are left out. etcd, kube-apiserver and kubectl are those in KUBEBUILDER_ASSETS, as envtest leaves them, or on the path.
import type { KubernetesSettings } from '../../k8s/settings';
import { isObject } from '../../lib/spec/describe';
import { messageOf } from '../../lib/spec/message-of';
import { BATCH } from '../k8s/batch';
import { ALL_ON, ALL_OUTSIDE, SPECS } from '../k8s/matrix';
import { type Manifest, synth } from '../k8s/synth';
import { ApiServer } from '../support/api-server';

const SETTINGS: readonly (readonly [title: string, settings: Partial<KubernetesSettings>])[] = [
  ['everything on', { ...ALL_ON, batch: BATCH }],
  ['everything outside the cluster', ALL_OUTSIDE],
  [
    'batch runs on buckets',
    {
      ...ALL_OUTSIDE,
      batch: { model: 'fraud-detection', input: 's3://a/in', output: 's3://a/out', shards: 8, format: 'jsonl' },
    },
  ],
  ['without monitoring', { monitoring: 'none' }],
];

/** Groups of the API that come with Kubernetes. */
const BUILT_IN = /^(?:v1|apps\/v1|batch\/v1|policy\/v1|autoscaling\/v2|networking\.k8s\.io\/v1)$/;

function list(items: readonly object[]): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
}

/** A pod as the controller of a Deployment or a Job would make it; undefined for other kinds. */
function podOf({ spec, metadata: { name, namespace } }: Manifest): object | undefined {
  if (!isObject(spec) || !isObject(spec.template) || !isObject(spec.template.metadata)) return undefined;
  const metadata = { ...spec.template.metadata, generateName: `${name}-`, namespace };
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: spec.template.spec };
}

/** What the server says against manifests, in a dry run but for the namespaces in which the others are. */
function problemsOf(server: ApiServer, manifests: readonly Manifest[]): string[] {
  const strict = ['--validate=strict', '-f', '-'];
  const apply = ['apply', '--server-side', ...strict];
  const home = manifests.filter(({ kind }) => kind === 'Namespace' || kind === 'ServiceAccount');
  // A controller makes it in every namespace, and here is none.
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: 'shop' } };
  const pods = manifests.flatMap((manifest) => podOf(manifest) ?? []);
  return [
    server.kubectl(apply, list([...home, account])),
    server.kubectl([...apply, '--dry-run=server'], list(manifests)),
    server.kubectl(['create', '--dry-run=server', ...strict], list(pods)),
  ].flatMap(({ problem }) => problem ?? []);
}

function installDefinitions(server: ApiServer, folder: string): void {
  const { problem } = server.kubectl(['apply', '--server-side', '-f', folder]);
  if (problem !== undefined) throw new Error(`the definitions in ${folder} are not taken: ${problem}`);
  server.kubectl(['wait', '--for=condition=Established', '--timeout=60s', 'crd', '--all']);
}

async function main(definitions: string | undefined): Promise<void> {
  const server = await ApiServer.start();
  try {
    if (definitions !== undefined) installDefinitions(server, definitions);
    server.kubectl(['create', 'namespace', 'monitoring']);
    for (const [spec, text] of SPECS) {
      for (const [title, settings] of SETTINGS) {
        const made = synth(text, settings);
        const manifests = definitions === undefined ? made.filter(({ apiVersion }) => BUILT_IN.test(apiVersion)) : made;
        const problems = problemsOf(server, manifests);
        const left = made.length === manifests.length ? '' : `, ${made.length - manifests.length} left out`;
        const verdict = problems.length === 0 ? `ok, ${manifests.length} manifests${left}` : problems.join('\n');
        process.stdout.write(`${spec}, ${title}: ${verdict}\n`);
        if (problems.length > 0) process.exitCode = 1;
      }
    }
  } finally {
    await server.stop();
  }
}

main(process.argv[2]).catch((error: unknown) => {
  process.stderr.write(`error: ${messageOf(error)}\n`);
  process.exitCode = 1;
});
