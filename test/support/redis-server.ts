import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis, type RedisOptions } from 'ioredis';
import type { Certificate } from './certificate';
import { freePort } from './free-port';

const HELP =
  'this test runs a real redis-server and there is none in PATH; install it (Debian, Ubuntu: apt-get install ' +
  'redis-server, which the tests do by themselves as root; macOS: brew install redis)';

/** Servers that share the keys. */
export interface RedisCluster {
  readonly servers: readonly RedisServer[];
  readonly url: string;
  stop(): Promise<void>;
}

/** Also on a machine that does much else. */
const UP_WITHIN_MS = 60_000;
const ADDRESS_IN_USE = /[Aa]ddress already in use|Failed listening/;
/** Between asking the system for a free port and listening on it, another process may take it. */
const START_ATTEMPTS = 20;
const RESTART_DELAY_MS = 250;

/** A real redis-server with a folder and a port of its own. */
export class RedisServer {
  #child: ChildProcess | undefined;

  private constructor(
    readonly port: number,
    private readonly directory: string,
    private readonly argv: readonly string[],
  ) {}

  /** @param settings as on the command line of redis-server, such as `--maxmemory`, `1mb` */
  static start(...settings: string[]): Promise<RedisServer> {
    return startAnywhere((port) => RedisServer.#on(port, ...settings));
  }

  /** A server of a cluster, whose bus listens on a port of its own. */
  static startClustered(): Promise<RedisServer> {
    return startAnywhere(async (port) => {
      const bus = ['--cluster-port', String(await freePort())];
      return RedisServer.#on(port, '--cluster-enabled', 'yes', ...bus);
    });
  }

  /** A server that only speaks TLS, and asks its clients for no certificate. */
  static startSecure(certificate: Certificate): Promise<RedisServer> {
    return startAnywhere((port) => RedisServer.#on(port, ...tlsSettings(port, certificate)));
  }

  /**
   * A sentinel that watches the server on `primaryPort` under the name `primary`. It takes nobody for dead, however busy
   * the machine is, before it is told to, see {@link giveUpSilent}.
   *
   * @param password that it asks its clients for
   * @param certificate makes it speak TLS only, with its clients and with the server
   */
  static startSentinel(
    primaryPort: number,
    { password, certificate }: { password?: string; certificate?: Certificate } = {},
  ): Promise<RedisServer> {
    const lines = [
      `sentinel monitor primary 127.0.0.1 ${primaryPort} 1`,
      'sentinel down-after-milliseconds primary 3600000',
      'sentinel failover-timeout primary 3000',
      ...(password === undefined ? [] : [`requirepass ${password}`]),
    ];
    return startAnywhere((port) => {
      const directory = mkdtempSync(join(tmpdir(), 'headroom-sentinel-'));
      const path = join(directory, 'sentinel.conf');
      // Sentinels write their state into their configuration.
      writeFileSync(path, `${lines.join('\n')}\n`);
      const argv = [path, '--sentinel', '--port', String(port), '--bind', '127.0.0.1', '--dir', directory];
      const tls = certificate === undefined ? [] : [...tlsSettings(port, certificate), '--tls-replication', 'yes'];
      return new RedisServer(port, directory, [...argv, ...tls]);
    });
  }

  static #on(port: number, ...settings: string[]): RedisServer {
    const directory = mkdtempSync(join(tmpdir(), 'headroom-redis-'));
    const local = ['--port', String(port), '--bind', '127.0.0.1', '--dir', directory];
    return new RedisServer(port, directory, [...local, '--save', '', '--appendonly', 'no', ...settings]);
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Starts it again after {@link kill}, empty, on the same port. */
  async restart(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.launch();
      } catch (error) {
        if (attempt === START_ATTEMPTS || !ADDRESS_IN_USE.test(String(error))) throw error;
        await delay(RESTART_DELAY_MS);
      }
    }
  }

  /** Starts it once. @throws Error with its log where it ends at once */
  async launch(): Promise<void> {
    requireRedis();
    const child = spawn('redis-server', this.argv, { stdio: ['ignore', 'pipe', 'ignore'] });
    this.#child = child;
    let log = '';
    await new Promise<void>((resolve, reject) => {
      child.stdout.on('data', (chunk: Buffer) => {
        log += chunk.toString();
        if (/Ready to accept connections|Sentinel ID is/.test(log)) resolve();
      });
      child.once('error', reject);
      // Not before its last words are read.
      child.once('close', (code) => reject(new Error(`redis-server ended with code ${code}: ${log}`)));
    });
  }

  /** Makes a sentinel take a primary that says nothing for dead, and put a replica in its place. */
  async giveUpSilent(options: RedisOptions = {}): Promise<void> {
    const client = this.client(options);
    await client.call('SENTINEL', 'SET', 'primary', 'down-after-milliseconds', '1000');
    client.disconnect();
  }

  /** A client for the test itself, to be closed by it. */
  client(options: RedisOptions = {}): Redis {
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

function tlsSettings(port: number, { keyPath, certificatePath }: Certificate): string[] {
  const files = ['--tls-cert-file', certificatePath, '--tls-key-file', keyPath, '--tls-ca-cert-file', certificatePath];
  return ['--port', '0', '--tls-port', String(port), '--tls-auth-clients', 'no', ...files];
}

/** Three primaries that share the slots. */
export async function startCluster(): Promise<RedisCluster> {
  const servers: RedisServer[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.stop()));
  };
  try {
    for (let i = 0; i < 3; i++) servers.push(await RedisServer.startClustered());
    await joinCluster(servers);
  } catch (error) {
    // Servers that nobody knows of would outlive the tests.
    await stop();
    throw error;
  }
  return {
    servers,
    url: `redis+cluster://${servers.map(({ port }) => `127.0.0.1:${port}`).join(',')}`,
    stop,
  };
}

async function joinCluster(servers: readonly RedisServer[]): Promise<void> {
  const [first] = servers;
  if (first === undefined) throw new Error('a cluster has at least one server');
  for (const [i, server] of servers.entries()) {
    const [from, to] = [Math.floor((16_384 * i) / 3), Math.floor((16_384 * (i + 1)) / 3) - 1];
    await server.call('CLUSTER', 'ADDSLOTSRANGE', String(from), String(to));
    if (server !== first) await server.call('CLUSTER', 'MEET', '127.0.0.1', String(first.port), await busPort(first));
  }
  const untilMs = Date.now() + UP_WITHIN_MS;
  for (const server of servers) {
    while (!String(await server.call('CLUSTER', 'INFO')).includes('cluster_state:ok')) {
      if (Date.now() > untilMs) throw new Error('the cluster did not come up in time');
      await delay(50);
    }
  }
}

/** Of a server of a cluster. */
async function busPort(server: RedisServer): Promise<string> {
  const [, port] = String(await server.call('CONFIG', 'GET', 'cluster-port')).split(',');
  return port ?? '';
}

function requireRedis(): void {
  if (spawnSync('redis-server', ['--version']).status !== 0) throw new Error(HELP);
}

/** Starts what `make` makes on a free port, on others while it was taken in between. */
async function startAnywhere(make: (port: number) => RedisServer | Promise<RedisServer>): Promise<RedisServer> {
  for (let attempt = 1; ; attempt++) {
    const server = await make(await freePort());
    try {
      await server.launch();
      return server;
    } catch (error) {
      await server.stop();
      if (attempt === START_ATTEMPTS || !ADDRESS_IN_USE.test(String(error))) throw error;
    }
  }
}
