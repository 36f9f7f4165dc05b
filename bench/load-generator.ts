import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LoadReport } from '../cli/load/report';
import { median } from '../cli/statistics';
import type { Figure } from './support/figures';

import { startBareFastify, startDelayServer } from './support/processes';

const ROOT = join(__dirname, '..');
/** The rate that one core is to drive; at lower ones, timers that fire for few requests cost more of each. */
const RATE_QPS = 15_000;
const SECONDS = 4;
const ROUNDS = 3;
const WRK_CONNECTIONS = 16;

/** What a request costs the load generator, and whether its percentiles are those of wrk. */
export async function measureLoadGenerator(): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'headroom-bench-load-'));
  try {
    return [await measureCost(folder), ...(await measureAgreement(folder))];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** By its processor time, as the rate that it reaches on a shared machine says more about the other guests. */
async function measureCost(folder: string): Promise<Figure> {
  const bare = await startBareFastify();
  try {
    const { targets, generator } = load(folder, bare.port, ['--rate', String(RATE_QPS)]);
    const answeredQps = targets[0]?.answeredQps ?? 0;
    const detail = `${Math.round(answeredQps)} requests/s took ${generator.cores.toFixed(2)} cores, 95 of 100 sent within ${generator.lateP95Ms?.toFixed(2) ?? '-'} ms`;
    return {
      name: 'load generator, requests/s a core',
      value: answeredQps / generator.cores,
      unit: '',
      goal: { atLeast: 15_000 },
      detail,
    };
  } finally {
    await bare.stop();
  }
}

/** Both in turn on a server whose latency does not depend on the load. Without wrk there is nothing to compare with. */
async function measureAgreement(folder: string): Promise<Figure[]> {
  if (spawnSync('wrk', ['--version']).error !== undefined) return [];
  const server = await startDelayServer();
  try {
    const rounds = Array.from({ length: ROUNDS }, () => {
      const wrk = runWrk(server.port);
      const { targets } = load(folder, server.port, ['--rate', String(Math.round(wrk.qps))]);
      return { wrk, ours: targets[0]?.latencyMs };
    });
    return (['p50', 'p99'] as const).map((name) => {
      const ratio = median(rounds.map(({ wrk, ours }) => (ours?.[name] ?? Number.NaN) / wrk[name]));
      const pairs = rounds.map(({ wrk, ours }) => `${ours?.[name]?.toFixed(2)}/${wrk[name].toFixed(2)}`);
      const off = 100 * Math.abs(ratio - 1);
      return {
        name: `load generator, ${name} off wrk's`,
        value: off,
        unit: ' %',
        goal: { atMost: 10 },
        detail: `ms, ours/wrk's: ${pairs.join(', ')}`,
      };
    });
  } finally {
    await server.stop();
  }
}

function load(folder: string, port: number, flags: readonly string[]): LoadReport {
  const body = join(folder, 'body.json');
  writeFileSync(body, '{"instances":[{"a":1}]}');
  const fixed = [
    'load',
    `http://127.0.0.1:${port}/bench`,
    '--body',
    body,
    '--duration',
    String(SECONDS),
    '--warm-up',
    '1',
  ];
  const out = ['--json', '--out', join(folder, 'report.json')];
  const program = join(ROOT, '.build', 'headroom.js');
  return JSON.parse(execFileSync(process.execPath, [program, ...fixed, ...out, ...flags], { encoding: 'utf8' }));
}

function runWrk(port: number): { qps: number; p50: number; p99: number } {
  const flags = ['-t1', `-c${WRK_CONNECTIONS}`, `-d${SECONDS}s`, '--latency', `http://127.0.0.1:${port}/bench`];
  const text = execFileSync('wrk', flags, { encoding: 'utf8' });
  const at = (percentile: number): number => {
    const [, value, unit] = new RegExp(`${percentile}% +([\\d.]+)(us|ms|s)`).exec(text) ?? [];
    return Number(value) * (unit === 'us' ? 0.001 : unit === 's' ? 1000 : 1);
  };
  return { qps: Number(/Requests\/sec: +([\d.]+)/.exec(text)?.[1]), p50: at(50), p99: at(99) };
}
