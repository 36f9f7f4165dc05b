import { join } from 'node:path';
import { loadRuntime } from '../../../service/runtime/load-runtime';
import type { ModelRuntime } from '../../../service/runtime/model-runtime';
import type { RuntimeObserver, RuntimeOptions } from '../../../service/runtime/options';
import type { Tensor } from '../../../service/tensor';

const ROOT = join(__dirname, '../../..');
export const WORKER_PATH = join(ROOT, '.build/worker.js');

/** A small model of test/fixtures/models, see make_models.py there. */
export function fixturePath(model: string): string {
  return join(ROOT, 'test/fixtures/models', `${model}.onnx`);
}

export function loadFixture(
  model: string,
  options: RuntimeOptions = {},
  observer?: RuntimeObserver,
  workerPath = WORKER_PATH,
): Promise<ModelRuntime> {
  return loadRuntime({ name: model, modelPath: fixturePath(model), workerPath, options, observer });
}

/** Loads a model, hands it to `use`, and closes it whatever happens. */
export async function withFixture<T>(
  model: string,
  options: RuntimeOptions,
  use: (runtime: ModelRuntime) => Promise<T>,
): Promise<T> {
  const runtime = await loadFixture(model, options);
  try {
    return await use(runtime);
  } finally {
    await runtime.close();
  }
}

export function fp32(shape: readonly number[], values: Iterable<number>): Tensor {
  return { datatype: 'FP32', shape, data: Float32Array.from(values) };
}

export function int64(values: readonly number[]): Tensor {
  return { datatype: 'INT64', shape: [values.length], data: BigInt64Array.from(values.map(BigInt)) };
}

/** A deadline that no test reaches. */
export function later(): number {
  return performance.now() + 60_000;
}

/** Shape and elements of tensors, to compare. */
export function plain(tensors: readonly Tensor[]): readonly { shape: readonly number[]; values: readonly unknown[] }[] {
  return tensors.map(({ shape, data }) => ({ shape, values: [...data] }));
}
