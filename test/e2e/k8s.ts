// Deploys to whatever cluster the current context of kubectl names, loads it, rolls it and counts what failed: must be 0.
// Run: HEADROOM_IMAGE=registry/headroom:1.2 npm run e2e:k8s. The cluster must be able to pull the image, and needs
// metrics-server for the HPA. Cleans up after itself.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'cdk8s';
import { parse } from 'yaml';
import { addCharts } from '../../k8s/app';
import { CLIENT_LABEL } from '../../k8s/network';
import { readSettings } from '../../k8s/settings';
import { PORTS } from '../../lib/contract';
import { parseSpec } from '../../lib/spec/load';

const ROOT = join(__dirname, '../..');
const NAMESPACE = 'headroom-e2e';
const CLIENT_NAMESPACE = 'headroom-e2e-client';
const POOL = 'model-server';
const MODEL = 'fraud-detection';
const MIN_REPLICAS = 2;
/** One pool with one model, on any cluster; read as if it lay in the checkout, where the models are. */
const SPEC = `
name: ${NAMESPACE}
models:
  ${MODEL}: {useCase: ${MODEL}, path: models/${MODEL}, peakQps: 100, pool: ${POOL}}
pools:
  ${POOL}: {minReplicas: ${MIN_REPLICAS}, maxReplicas: 6}
kubernetes: {platform: generic}
`;

const READY_TIMEOUT = '300s';
const LOAD_SECONDS = 240;
/** Enough to fill the CPUs of two replicas, too few to be refused. */
const CONCURRENCY = 32;
const SCALE_TIMEOUT_MS = 150_000;
const POLL_MS = 5000;

class StepError extends Error {}

function kubectl(...args: string[]): string {
  const { status, stdout, stderr, error } = spawnSync('kubectl', args, { encoding: 'utf8' });
  if (error !== undefined) throw new StepError(`kubectl cannot be run: ${error.message}`);
  if (status !== 0) throw new StepError(`kubectl ${args.slice(0, 3).join(' ')} failed: ${stderr.trim()}`);
  return stdout.trim();
}

/** Like {@link kubectl}, while other steps go on. */
function kubectlLater(...args: string[]): Promise<string> {
  const child = spawn('kubectl', args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) =>
      code === 0 ? resolve(stdout.trim()) : reject(new StepError(`kubectl ${args[0]} failed: ${stderr.trim()}`)),
    );
  });
}

function say(text: string): void {
  process.stdout.write(`${new Date().toISOString().slice(11, 19)}  ${text}\n`);
}

function currentContext(): string {
  const { status, stdout, error } = spawnSync('kubectl', ['config', 'current-context'], { encoding: 'utf8' });
  if (error !== undefined) throw new StepError('kubectl is not installed, expected it on the path');
  if (status !== 0)
    throw new StepError('there is no current Kubernetes context, expected one (kubectl config use-context)');
  return stdout.trim();
}

function deploy(): void {
  const directory = mkdtempSync(join(tmpdir(), 'headroom-e2e-'));
  try {
    const app = new App({ outdir: directory });
    const settings = { ...readSettings(process.env), monitoring: 'none' as const };
    addCharts(app, parseSpec(SPEC, join(ROOT, 'headroom-e2e.yaml')), settings);
    app.synth();
    kubectl('apply', '--server-side', '--validate=strict', '-f', directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
  kubectl('-n', NAMESPACE, 'rollout', 'status', `deployment/${POOL}`, `--timeout=${READY_TIMEOUT}`);
}

/** Sends predictions from a pod of its own. */
async function load(name: string, image: string, seconds: number, concurrency: number) {
  const url = `http://${POOL}.${NAMESPACE}.svc:${PORTS.http}/v1/models/${MODEL}:predict`;
  const { example } = parse(readFileSync(join(ROOT, 'models', MODEL, 'model.yaml'), 'utf8'));
  const client = readFileSync(join(__dirname, 'k8s-client.cjs'), 'utf8');
  const words = [client, url, JSON.stringify(example), String(seconds), String(concurrency)];
  const options = ['--image', image, '--restart=Never', '--attach', '--rm', '--quiet', '--pod-running-timeout=2m'];
  const out = await kubectlLater(
    '-n',
    CLIENT_NAMESPACE,
    'run',
    name,
    ...options,
    '--command',
    '--',
    'node',
    '-e',
    ...words,
  );
  const result: { sent: number; failed: number; failures: Record<string, number> } = JSON.parse(out);
  return result;
}

/** Waits until the HPA wants more than the minimum. */
async function scaledUp(): Promise<number> {
  const deadlineMs = Date.now() + SCALE_TIMEOUT_MS;
  while (Date.now() < deadlineMs) {
    const wanted = Number(
      kubectl('-n', NAMESPACE, 'get', 'hpa', `${POOL}-hpa`, '-o', 'jsonpath={.status.desiredReplicas}'),
    );
    if (wanted > MIN_REPLICAS) return wanted;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  const status = kubectl(
    '-n',
    NAMESPACE,
    'get',
    'hpa',
    `${POOL}-hpa`,
    '-o',
    'jsonpath={.status.conditions[*].message}',
  );
  throw new StepError(`the HPA did not scale up within ${SCALE_TIMEOUT_MS / 1000} s of load: ${status}`);
}

/** Its own failure must not hide why the test ended. */
function cleanUp(): void {
  say('cleaning up');
  try {
    kubectl('delete', 'namespace', NAMESPACE, CLIENT_NAMESPACE, '--ignore-not-found', '--timeout=120s');
  } catch (error) {
    say(`the namespaces ${NAMESPACE} and ${CLIENT_NAMESPACE} may be left behind: ${String(error)}`);
  }
}

async function main(): Promise<void> {
  say(`context ${currentContext()}`);
  const { image } = readSettings(process.env);
  try {
    say(`deploying ${image}`);
    deploy();
    kubectl('create', 'namespace', CLIENT_NAMESPACE);
    kubectl('label', 'namespace', CLIENT_NAMESPACE, `${CLIENT_LABEL}=true`);
    const first = await load('first', image, 1, 1);
    if (first.failed > 0) throw new StepError(`predictions fail: ${JSON.stringify(first.failures)}`);
    say(`predicts; load for ${LOAD_SECONDS} s`);
    const loaded = load('load', image, LOAD_SECONDS, CONCURRENCY);
    // Its failure is told when it is awaited; until then it must not end the process.
    loaded.catch(() => {});
    say(`the HPA wants ${await scaledUp()} replicas; rolling out anew under load`);
    kubectl('-n', NAMESPACE, 'rollout', 'restart', `deployment/${POOL}`);
    await kubectlLater('-n', NAMESPACE, 'rollout', 'status', `deployment/${POOL}`, `--timeout=${READY_TIMEOUT}`);
    say('rolled out; waiting for the load to end');
    const { sent, failed, failures } = await loaded;
    say(`${sent} requests, ${failed} failed`);
    if (failed > 0) throw new StepError(`expected no failed request: ${JSON.stringify(failures)}`);
  } finally {
    cleanUp();
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`error: ${error instanceof StepError ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
