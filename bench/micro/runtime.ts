/**
 * What the runtime costs beside the model: microseconds of processor time per one-row job of 64 concurrent ones, through
 * admission, batcher and executor, against bare `session.run` of one row and of 64 rows.
 *
 * Run: npm run build && npx tsx bench/micro/runtime.ts [model.onnx]
 */
import { join } from 'node:path';
import { loadRuntime } from '../../service/runtime/load-runtime';
import type { ModelRuntime } from '../../service/runtime/model-runtime';
import { ModelSession } from '../../service/runtime/session';
import { syntheticInputs } from '../../service/runtime/synthetic-rows';

const ROOT = join(__dirname, '../..');
const MODEL = process.argv[2] ?? join(ROOT, 'models/fraud-detection/1/model.onnx');
const CONCURRENT = 64;
const JOBS = 40_000;
const ROUNDS = 5;

/** Lowest processor time and wall-clock time per job, in microseconds, over some rounds. */
async function measure(jobs: number, round: () => Promise<void>): Promise<{ cpu: number; wall: number }> {
  let best = { cpu: Number.POSITIVE_INFINITY, wall: Number.POSITIVE_INFINITY };
  await round();
  for (let i = 0; i < ROUNDS; i += 1) {
    const startMs = performance.now();
    const before = process.cpuUsage();
    await round();
    const { user, system } = process.cpuUsage(before);
    const wall = ((performance.now() - startMs) * 1e3) / jobs;
    best = { cpu: Math.min(best.cpu, (user + system) / jobs), wall: Math.min(best.wall, wall) };
  }
  return best;
}

/** Runs `jobs` one-row jobs in `CONCURRENT` loops, each of which submits the next when the last is answered. */
async function submitAll(runtime: ModelRuntime, jobs: number, concurrent: number): Promise<void> {
  const inputs = Array.from({ length: concurrent }, (_, seed) => syntheticInputs(runtime.signature.inputs, 1, 8, seed));
  const outputs = runtime.signature.outputs.map((_, i) => i);
  let left = jobs;
  const loop = async (own: (typeof inputs)[number]): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await runtime.submit({ inputs: own, rows: 1, outputs, deadlineMs: performance.now() + 10_000 });
    }
  };
  await Promise.all(inputs.map(loop));
}

async function main(): Promise<void> {
  const report = (name: string, { cpu, wall }: { cpu: number; wall: number }): void => {
    console.log(`${name.padEnd(44)} ${cpu.toFixed(2).padStart(8)} ${wall.toFixed(2).padStart(8)}`);
  };
  console.log(`${MODEL}\n${''.padEnd(44)}   CPU µs  wall µs   per row`);

  const session = ModelSession.open(MODEL, { intraOpThreads: 1 });
  const outputs = session.signature.outputs.map((_, i) => i);
  for (const rows of [1, CONCURRENT]) {
    const inputs = syntheticInputs(session.signature.inputs, rows, 8, 1);
    const runs = Math.floor(JOBS / 4 / rows) + 1;
    const result = await measure(runs * rows, async () => {
      for (let i = 0; i < runs; i += 1) session.run(inputs, outputs);
    });
    report(`bare session, runs of ${rows}`, result);
  }
  session.release();

  for (const executor of ['inline', 'worker'] as const) {
    const runtime = await loadRuntime({
      name: 'bench',
      modelPath: MODEL,
      workerPath: join(ROOT, '.build/worker.js'),
      options: { executor, workers: 1 },
    });
    for (const concurrent of [1, CONCURRENT]) {
      const jobs = concurrent === 1 ? JOBS / 10 : JOBS;
      const result = await measure(jobs, () => submitAll(runtime, jobs, concurrent));
      report(`runtime, ${runtime.executor}, ${concurrent} at a time, batches ≤ ${runtime.maxBatchRows}`, result);
    }
    await runtime.close();
  }
}

void main();
