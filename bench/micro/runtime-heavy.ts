/**
 * A model of some 30 ms under saturation: runs per second and processor time per run on one worker, against bare
 * `session.run` in a loop, and how late the event loop comes round beside it, against an idle process. All take turns, so
 * that they see the same machine.
 *
 * Run: npm run build && npx tsx bench/micro/runtime-heavy.ts [model.onnx]
 */
import { join } from 'node:path';
import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { median } from '../../cli/statistics';
import { loadRuntime } from '../../service/runtime/load-runtime';
import { ModelSession } from '../../service/runtime/session';
import { syntheticInputs } from '../../service/runtime/synthetic-rows';

const ROOT = join(__dirname, '../..');
const MODEL = process.argv[2] ?? join(ROOT, 'test/fixtures/models/slow.onnx');
const ROUNDS = 7;
const ROUND_MS = 2000;
const CONCURRENT = 4;
const DELAY_RESOLUTION_MS = 1;

interface Speed {
  readonly perSecond: number;
  readonly cpuMs: number;
}

async function speedOf(run: () => Promise<unknown>, loops: number): Promise<Speed> {
  const startMs = performance.now();
  const before = process.cpuUsage();
  let runs = 0;
  const loop = async (): Promise<void> => {
    while (performance.now() - startMs < ROUND_MS) {
      await run();
      runs += 1;
    }
  };
  await Promise.all(Array.from({ length: loops }, loop));
  const { user, system } = process.cpuUsage(before);
  return { perSecond: (runs / (performance.now() - startMs)) * 1e3, cpuMs: (user + system) / 1e3 / runs };
}

async function during<T>(delay: IntervalHistogram, work: () => Promise<T>): Promise<T> {
  delay.enable();
  const result = await work();
  delay.disable();
  return result;
}

function describeDelay(delay: IntervalHistogram): string {
  const percentile = (share: number): string => (delay.percentile(share) / 1e6 - DELAY_RESOLUTION_MS).toFixed(2);
  return `p50 ${percentile(50)} ms, p99 ${percentile(99)} ms`;
}

async function main(): Promise<void> {
  const session = ModelSession.open(MODEL, { intraOpThreads: 1 });
  const inputs = syntheticInputs(session.signature.inputs, 1, 8, 1);
  const runtime = await loadRuntime({
    name: 'bench',
    modelPath: MODEL,
    workerPath: join(ROOT, '.build/worker.js'),
    // One row a run, as in the bare loop: the gain of batches is not what is asked here.
    options: { executor: 'worker', workers: 1, maxBatchRows: 1 },
  });
  const job = () => runtime.submit({ inputs, rows: 1, outputs: [0], deadlineMs: performance.now() + 60_000 });
  const busyDelay = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
  const idleDelay = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
  const speedRatios: number[] = [];
  const cpuRatios: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const bare = await speedOf(async () => session.run(inputs, [0]), 1);
    const served = await during(busyDelay, () => speedOf(job, CONCURRENT));
    await during(idleDelay, () => sleep(ROUND_MS / 2));
    speedRatios.push(served.perSecond / bare.perSecond);
    cpuRatios.push(served.cpuMs / bare.cpuMs);
    console.log(
      `bare ${bare.perSecond.toFixed(1)}/s, ${bare.cpuMs.toFixed(1)} CPU-ms a run; ` +
        `runtime ${served.perSecond.toFixed(1)}/s, ${served.cpuMs.toFixed(1)} CPU-ms a run`,
    );
  }
  console.log(`median of ${ROUNDS} rounds, runtime / bare: ${median(speedRatios).toFixed(3)} of the runs a second`);
  console.log(
    `median of ${ROUNDS} rounds, runtime / bare: ${median(cpuRatios).toFixed(3)} of the processor time a run`,
  );
  console.log(`event-loop delay beside the busy runtime: ${describeDelay(busyDelay)}`);
  console.log(`event-loop delay of the idle process:     ${describeDelay(idleDelay)}`);
  await runtime.close();
  session.release();
}

void main();
