import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { createWriteStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from './free-port';

/** On a machine that does much else. */
const UP_WITHIN_MS = 120_000;
const LOOK_AGAIN_MS = 500;
const TOKEN = 'administrator';

/** A real API server of Kubernetes with a store of its own, and nothing behind it: no controller, no node. */
export class ApiServer {
  private constructor(
    private readonly directory: string,
    private readonly children: readonly ChildProcess[],
  ) {}

  /** The programs are those in `KUBEBUILDER_ASSETS`, as envtest leaves them, else those on the path. */
  static async start(): Promise<ApiServer> {
    const directory = mkdtempSync(join(tmpdir(), 'headroom-apiserver-'));
    const etcd = await startEtcd(directory);
    const port = await freePort();
    const apiServer = run('kube-apiserver', directory, apiServerFlags(directory, etcd.url, port));
    writeFileSync(join(directory, 'kubeconfig'), kubeconfig(port));
    const server = new ApiServer(directory, [apiServer, etcd.child]);
    const untilMs = Date.now() + UP_WITHIN_MS;
    while (server.kubectl(['get', '--raw', '/readyz']).problem !== undefined) {
      const failed = server.children.find(({ exitCode }) => exitCode !== null);
      if (failed === undefined && Date.now() < untilMs) {
        await delay(LOOK_AGAIN_MS);
        continue;
      }
      const log = readFileSync(join(directory, 'kube-apiserver.log'), 'utf8').split('\n').slice(-20).join('\n');
      await server.stop();
      throw new Error(`the API server does not come up:\n${log}`);
    }
    return server;
  }

  /** @returns what it printed, and what was wrong where it failed; a warning is a failure */
  kubectl(args: readonly string[], input = ''): { output: string; problem: string | undefined } {
    const flags = ['--kubeconfig', join(this.directory, 'kubeconfig'), '--warnings-as-errors'];
    const done = spawnSync('kubectl', [...args, ...flags], { encoding: 'utf8', input, env: environment() });
    if (done.error !== undefined) throw new Error(`kubectl cannot be run: ${done.error.message}`);
    return { output: done.stdout, problem: done.status === 0 ? undefined : done.stderr.trim() };
  }

  async stop(): Promise<void> {
    for (const child of this.children) {
      if (child.exitCode !== null) continue;
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill();
      await ended;
    }
    rmSync(this.directory, { recursive: true, force: true });
  }
}

async function startEtcd(directory: string): Promise<{ child: ChildProcess; url: string }> {
  const [url, peerUrl] = [`http://127.0.0.1:${await freePort()}`, `http://127.0.0.1:${await freePort()}`];
  const clients = ['--listen-client-urls', url, '--advertise-client-urls', url];
  const peers = ['--listen-peer-urls', peerUrl, '--initial-advertise-peer-urls', peerUrl];
  const cluster = ['--initial-cluster', `default=${peerUrl}`, '--data-dir', join(directory, 'etcd')];
  return { child: run('etcd', directory, [...clients, ...peers, ...cluster]), url };
}

function apiServerFlags(directory: string, etcdUrl: string, port: number): string[] {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const file = (name: string, content: string) => {
    writeFileSync(join(directory, name), content);
    return join(directory, name);
  };
  return [
    `--etcd-servers=${etcdUrl}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${port}`,
    `--cert-dir=${directory}`,
    '--service-cluster-ip-range=10.0.0.0/24',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${file('account.pub', publicKey)}`,
    `--service-account-signing-key-file=${file('account.key', privateKey)}`,
    `--token-auth-file=${file('tokens.csv', `${TOKEN},administrator,1,system:masters\n`)}`,
    '--authorization-mode=RBAC',
  ];
}

/** Its certificate is one that it made for itself a moment ago, on this machine. */
function kubeconfig(port: number): string {
  const named = (kind: string, content: object) => [{ name: 'test', [kind]: content }];
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    clusters: named('cluster', { server: `https://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true }),
    users: named('user', { token: TOKEN }),
    contexts: named('context', { cluster: 'test', user: 'test' }),
  });
}

function run(program: string, directory: string, flags: readonly string[]): ChildProcess {
  const child = spawn(program, flags, { stdio: ['ignore', 'ignore', 'pipe'], env: environment() });
  child.stderr.pipe(createWriteStream(join(directory, `${program}.log`)));
  child.once('error', (error) => process.stderr.write(`${program} cannot be run: ${error.message}\n`));
  return child;
}

function environment(): NodeJS.ProcessEnv {
  const { PATH = '', KUBEBUILDER_ASSETS } = process.env;
  if (KUBEBUILDER_ASSETS === undefined) return process.env;
  return { ...process.env, PATH: `${KUBEBUILDER_ASSETS}${delimiter}${PATH}` };
}
