import { performance } from 'node:perf_hooks';
import { InferenceSession, Tensor } from 'onnxruntime-node';

/** Width of the model's input. */
const UNITS = 64;

/** Runs a model of one [1, 64] FP32 input in a loop for some time, and prints the runs per second. */
async function main(path: string, durationMs: number): Promise<void> {
  const session = await InferenceSession.create(path, { intraOpNumThreads: 1, interOpNumThreads: 1 });
  const [input = ''] = session.inputNames;
  const feeds = { [input]: new Tensor('float32', new Float32Array(UNITS).fill(0.1), [1, UNITS]) };
  await session.run(feeds);
  const fromMs = performance.now();
  let runs = 0;
  while (performance.now() - fromMs < durationMs) {
    await session.run(feeds);
    runs++;
  }
  process.stdout.write(String((runs / (performance.now() - fromMs)) * 1000));
}

const [, , model = '', durationMs] = process.argv;
void main(model, Number(durationMs));
