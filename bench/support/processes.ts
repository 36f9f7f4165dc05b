import { type ChildProcess, fork, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../test/support/free-port';
import type { LoadResult } from './load-client';
import type { LoadTask } from './load-worker';

const ROOT = join(__dirname, '..', '..');
/** Linux counts processor time in hundredths of a second for every architecture that Node runs on. */
const CLOCK_TICKS_PER_SECOND = 100;

/** A server under measurement, in a process of its own. */
export interface ServerProcess {
  readonly port: number;
  readonly adminPort: number;
  /** Milliseconds from the start of the process to its word that it is ready. */
  readonly readyMs: number;
  /** Processor time used so far, all threads, in seconds. */
  cpuSeconds(): number;
  stop(): Promise<void>;
}

/** `headroom serve` from the bundle, as `npm start` runs it. */
export async function startHeadroom(flags: readonly string[] = []): Promise<ServerProcess> {
  const [port, adminPort] = [await freePort(), await freePort()];
  const fixed = [
    'serve',
    '--http-port',
    String(port),
    '--admin-port',
    String(adminPort),
    '--json',
    '--log-level',
    'warn',
  ];
  const startedMs = Date.now();
  const child = spawn(process.execPath, [join(ROOT, '.build', 'headroom.js'), ...fixed, ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await firstOutput(child);
  return serverProcess(child, port, adminPort, Date.now() - startedMs);
}

/** The yardstick: a Fastify POST that parses the same JSON and answers a constant. */
export function startBareFastify(): Promise<ServerProcess> {
  return startScript('bare-fastify.ts');
}

/** A server whose latency does not depend on its load. */
export function startDelayServer(): Promise<ServerProcess> {
  return startScript('delay-server.ts');
}

/** A script of this folder that takes a port and says that it is ready. */
async function startScript(name: string): Promise<ServerProcess> {
  const port = await freePort();
  const startedMs = Date.now();
  const child = fork(join(__dirname, name), [String(port)], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  await firstOutput(child);
  return serverProcess(child, port, port, Date.now() - startedMs);
}

/** Drives load from a process of its own. */
export function measure(task: LoadTask): Promise<LoadResult> {
  return new Promise((resolve, reject) => {
    const child = fork(join(__dirname, 'load-worker.ts'));
    child.once('error', reject);
    child.once('message', (message: { result?: LoadResult; error?: string }) => {
      child.disconnect();
      if (message.result === undefined) reject(new Error(message.error));
      else resolve(message.result);
    });
    child.send(task);
  });
}

function serverProcess(child: ChildProcess, port: number, adminPort: number, readyMs: number): ServerProcess {
  return {
    port,
    adminPort,
    readyMs,
    cpuSeconds: () => {
      const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
      return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS_PER_SECOND;
    },
    stop: () =>
      new Promise((resolve) => {
        child.once('exit', () => resolve());
        child.kill('SIGTERM');
      }),
  };
}

function firstOutput(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.stdout?.once('data', () => resolve());
    child.once('exit', (code) => reject(new Error(`the server ended with code ${code} before it was ready`)));
  });
}
