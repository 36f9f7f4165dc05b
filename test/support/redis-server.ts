import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';

const HELP =
  'this test runs a real redis-server and there is none in PATH; install it (Debian, Ubuntu: apt-get install ' +
  'redis-server, which the tests do by themselves as root; macOS: brew install redis)';

/** A real redis-server with a folder and a port of its own. */
export class RedisServer {
  #child: ChildProcess | undefined;

  private constructor(
    readonly port: number,
    private readonly directory: string,
    private readonly argv: readonly string[],
  ) {}

  /** @param settings as on the command line of redis-server, such as `--maxmemory`, `1mb` */
  static async start(...settings: string[]): Promise<RedisServer> {
    return RedisServer.startOn(await freePort(), ...settings);
  }

  static async startOn(port: number, ...settings: string[]): Promise<RedisServer> {
    const directory = mkdtempSync(join(tmpdir(), 'headroom-redis-'));
    const fixed = [
      '--port',
      String(port),
      '--bind',
      '127.0.0.1',
      '--save',
      '',
      '--appendonly',
      'no',
      '--dir',
      directory,
    ];
    const server = new RedisServer(port, directory, [...fixed, ...settings]);
    await server.restart();
    return server;
  }

  /** A server that only speaks TLS, and asks its clients for no certificate. */
  static async startSecure(keyPath: string, certificatePath: string): Promise<RedisServer> {
    const port = await freePort();
    const tls = ['--tls-cert-file', certificatePath, '--tls-key-file', keyPath, '--tls-ca-cert-file', certificatePath];
    return RedisServer.startOn(port, '--port', '0', '--tls-port', String(port), '--tls-auth-clients', 'no', ...tls);
  }

  /** A sentinel that watches the server on `primaryPort` under the name `primary`. */
  static async startSentinel(primaryPort: number): Promise<RedisServer> {
    const directory = mkdtempSync(join(tmpdir(), 'headroom-sentinel-'));
    const path = join(directory, 'sentinel.conf');
    // Sentinels write their state into their configuration.
    writeFileSync(
      path,
      `sentinel monitor primary 127.0.0.1 ${primaryPort} 1\nsentinel down-after-milliseconds primary 1000\n` +
        'sentinel failover-timeout primary 3000\n',
    );
    const port = await freePort();
    const argv = [path, '--sentinel', '--port', String(port), '--bind', '127.0.0.1', '--dir', directory];
    const server = new RedisServer(port, directory, argv);
    await server.restart();
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Starts it, or starts it again after {@link kill}, empty. */
  async restart(): Promise<void> {
    requireRedis();
    const child = spawn('redis-server', this.argv, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#child = child;
    let log = '';
    await new Promise<void>((resolve, reject) => {
      child.stdout.on('data', (chunk: Buffer) => {
        log += chunk.toString();
        if (/Ready to accept connections|Sentinel ID is/.test(log)) resolve();
      });
      child.once('error', reject);
      child.once('exit', (code) => reject(new Error(`redis-server ended with code ${code}: ${log}`)));
    });
  }

  /** A client for the test itself, to be closed by it. */
  client(options: { password?: string } = {}): Redis {
    return new Redis(this.port, '127.0.0.1', options);
  }

  /** Runs one command. */
  async call(command: string, ...argv: string[]): Promise<unknown> {
    const client = this.client();
    try {
      return await client.call(command, ...argv);
    } finally {
      client.disconnect();
    }
  }

  /** It keeps its connections and answers nothing, as under a stalled disk or a stopped virtual machine. */
  stall(): void {
    this.#child?.kill('SIGSTOP');
  }

  resume(): void {
    this.#child?.kill('SIGCONT');
  }

  /** It dies without a word. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null) return;
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await exited;
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Three primaries that share the slots. */
export async function startCluster(): Promise<{ servers: RedisServer[]; url: string; stop(): Promise<void> }> {
  const servers: RedisServer[] = [];
  for (let i = 0; i < 3; i++) {
    // The bus of the cluster listens 10,000 ports above.
    const port = await freePort(20_000, 45_000);
    servers.push(await RedisServer.startOn(port, '--cluster-enabled', 'yes', '--cluster-node-timeout', '2000'));
  }
  const [first] = servers;
  if (first === undefined) throw new Error('a cluster has at least one server');
  for (const [i, server] of servers.entries()) {
    const [from, to] = [Math.floor((16_384 * i) / 3), Math.floor((16_384 * (i + 1)) / 3) - 1];
    await server.call('CLUSTER', 'ADDSLOTSRANGE', String(from), String(to));
    if (server !== first) await server.call('CLUSTER', 'MEET', '127.0.0.1', String(first.port));
  }
  const untilMs = Date.now() + 20_000;
  for (const server of servers) {
    while (!String(await server.call('CLUSTER', 'INFO')).includes('cluster_state:ok')) {
      if (Date.now() > untilMs) throw new Error('the cluster did not come up within 20 seconds');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  return {
    servers,
    url: `redis+cluster://${servers.map(({ port }) => `127.0.0.1:${port}`).join(',')}`,
    stop: async () => {
      await Promise.all(servers.map((server) => server.stop()));
    },
  };
}

function requireRedis(): void {
  if (spawnSync('redis-server', ['--version']).status !== 0) throw new Error(HELP);
}

async function freePort(from = 0, to = 65_535): Promise<number> {
  for (;;) {
    const port = from === 0 ? 0 : from + Math.floor(Math.random() * (to - from));
    const free = await new Promise<number | undefined>((resolve) => {
      const server = createServer();
      server.once('error', () => resolve(undefined));
      server.listen(port, '127.0.0.1', () => {
        const address = server.address();
        server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : undefined));
      });
    });
    if (free !== undefined) return free;
  }
}
