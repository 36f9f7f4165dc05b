/**
 * A model of some 30 ms under saturation: runs per second on one worker against bare `session.run` in a loop on one
 * thread, and how late the event loop comes round meanwhile. Bare and runtime take turns, so that both see the same
 * machine.
 *
 * Run: npm run build && npx tsx bench/micro/runtime-heavy.ts [model.onnx]
 */
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { loadRuntime } from '../../service/runtime/load-runtime';
import { ModelSession } from '../../service/runtime/session';
import { syntheticInputs } from '../../service/runtime/synthetic-rows';

const ROOT = join(__dirname, '../..');
const MODEL = process.argv[2] ?? join(ROOT, 'test/fixtures/models/slow.onnx');
const ROUNDS = 5;
const ROUND_MS = 3000;
const CONCURRENT = 4;
const DELAY_RESOLUTION_MS = 1;

async function perSecond(run: () => Promise<unknown>, loops: number): Promise<number> {
  const startMs = performance.now();
  let runs = 0;
  const loop = async (): Promise<void> => {
    while (performance.now() - startMs < ROUND_MS) {
      await run();
      runs += 1;
    }
  };
  await Promise.all(Array.from({ length: loops }, loop));
  return (runs / (performance.now() - startMs)) * 1e3;
}

async function main(): Promise<void> {
  const session = await ModelSession.open(MODEL, { intraOpThreads: 1, spinning: false });
  const inputs = syntheticInputs(session.signature.inputs, 1, 8, 1);
  const runtime = await loadRuntime({
    name: 'bench',
    modelPath: MODEL,
    workerPath: join(ROOT, '.build/worker.js'),
    // One row a run, as in the bare loop: the gain of batches is not what is asked here.
    options: { executor: 'worker', workers: 1, maxBatchRows: 1 },
  });
  const delay = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
  const ratios: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const bare = await perSecond(() => session.run(inputs, [0]), 1);
    delay.enable();
    const job = () => runtime.submit({ inputs, rows: 1, outputs: [0], deadlineMs: performance.now() + 60_000 });
    const served = await perSecond(job, CONCURRENT);
    delay.disable();
    ratios.push(served / bare);
    console.log(`bare ${bare.toFixed(1)}/s, runtime ${served.toFixed(1)}/s, ratio ${(served / bare).toFixed(3)}`);
  }
  ratios.sort((a, b) => a - b);
  const percentile = (share: number): string => (delay.percentile(share) / 1e6 - DELAY_RESOLUTION_MS).toFixed(2);
  console.log(`ratio, median of ${ROUNDS}: ${ratios[ROUNDS >> 1]?.toFixed(3)}`);
  console.log(`event-loop delay beside the runtime: p50 ${percentile(50)} ms, p99 ${percentile(99)} ms`);
  await runtime.close();
  await session.release();
}

void main();
