import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median } from '../cli/statistics';
import type { Figure } from './support/figures';
import { measure, type ServerProcess, startHeadroom } from './support/processes';

const MODEL = join(__dirname, '..', 'test', 'fixtures', 'models', 'slow.onnx');
const BARE = join(__dirname, 'support', 'bare-session.ts');
/** Width of the model's input. */
const UNITS = 64;
/** Many short rounds: the machine's other guests come and go within seconds. */
const ROUNDS = 15;
const ROUND_MS = 1500;
const BODY = JSON.stringify({
  inputs: [{ name: 'x', shape: [1, UNITS], datatype: 'FP32', data: new Array(UNITS).fill(0.1) }],
});

/** A model of some 30 ms a run, saturated: the event loop stays free, and the model runs as fast as without a server. */
export async function measureSlowModel(): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'headroom-bench-'));
  cpSync(MODEL, join(folder, 'slow', '1', 'model.onnx'), { recursive: true });
  // Without batches, or the comparison would be with a loop that runs one row at a time.
  writeFileSync(join(folder, 'slow', 'model.yaml'), 'runtime: {maxBatch: 1}\n');
  const server = await startHeadroom(['--models', folder, '--cache-mib', '0', '--workers', '1']);
  const ratios: number[] = [];
  const delays: number[] = [];
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const bare = await bareRunsPerSecond();
      await eventLoopDelayMs(server);
      const { requestsPerSecond } = await saturate(server);
      delays.push(await eventLoopDelayMs(server));
      ratios.push(requestsPerSecond / bare);
    }
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true });
  }
  return [
    {
      name: '30 ms model saturated, throughput',
      value: median(ratios),
      unit: ' × session.run loop',
      goal: { atLeast: 0.95 },
      detail: `rounds: ${ratios.map((ratio) => ratio.toFixed(2)).join(', ')}`,
    },
    {
      name: '30 ms model saturated, event-loop delay p99',
      value: median(delays),
      unit: ' ms',
      goal: { atMost: 5 },
      detail: `rounds: ${delays.map((delay) => delay.toFixed(1)).join(', ')} ms`,
    },
  ];
}

function saturate(server: ServerProcess) {
  const options = { connections: 8, durationMs: ROUND_MS, warmUpMs: 500, firstCount: 0 };
  return measure({ port: server.port, path: '/v2/models/slow/infer', body: BODY, options });
}

/** `session.run` in a loop, in a process of its own, with the same single thread. */
function bareRunsPerSecond(): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...process.execArgv, BARE, MODEL, String(ROUND_MS)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    child.once('close', (code) => (code === 0 ? resolve(Number(text)) : reject(new Error(`ended with code ${code}`))));
  });
}

/** The p99 since the last call, as the service itself exports it; in milliseconds. */
async function eventLoopDelayMs({ adminPort }: ServerProcess): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${adminPort}/metrics`)).text();
  return Number(/event_loop_delay_seconds\{quantile="0.99"\} (\S+)/.exec(text)?.[1]) * 1000;
}
