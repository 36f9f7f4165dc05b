import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { pino } from 'pino';
import { ModelRepository, type ModelRepositoryOptions } from '../../../service/repository/model-repository';
import type { ModelSource } from '../../../service/repository/scan';
import { loadServedModel, type ServedModel } from '../../../service/repository/served-model';

const WORKER_PATH = join(__dirname, '../../../.build/worker.js');

/** Tests look by hand, so that they know what each look saw. */
const NEVER_MS = 2 ** 31 - 1;

/** Loads as the service does, with runs on the test's own thread: the small models here have no need of workers. */
export function load(source: ModelSource): Promise<ServedModel> {
  return loadServedModel(source, { workerPath: WORKER_PATH, runtime: { executor: 'inline' } });
}

/** A repository with all that it tells recorded. */
export class RunningRepository {
  readonly ready: string[] = [];
  readonly gone: string[] = [];
  readonly log: Record<string, unknown>[] = [];
  readonly repository: ModelRepository;

  constructor(options: Pick<ModelRepositoryOptions, 'paths'> & Partial<ModelRepositoryOptions>) {
    const stream = { write: (line: string) => this.log.push(JSON.parse(line)) };
    this.repository = new ModelRepository({
      pollIntervalMs: NEVER_MS,
      load,
      logger: pino({ base: null }, stream),
      onReady: ({ name, version }) => this.ready.push(`${name}/${version}`),
      onGone: ({ name, version }) => this.gone.push(`${name}/${version}`),
      ...options,
    });
  }

  /** What the model adds to its input: tells which of the files `plus-<amount>.onnx` answers. */
  async amountOf(name: string, version?: string): Promise<unknown> {
    const lease = this.repository.acquire(name, version);
    try {
      return await amountOf(lease.model);
    } finally {
      lease.release();
    }
  }

  /** Index without reasons, one line a version. */
  states(): string[] {
    return this.repository.index().map(({ name, version, state }) => `${name}/${version} ${state}`);
  }

  reasonOf(name: string, version: string): string | undefined {
    return this.repository.index().find((entry) => entry.name === name && entry.version === version)?.reason;
  }
}

/** What a model `plus-<amount>.onnx` adds to zero. */
export async function amountOf({ runtime }: ServedModel): Promise<unknown> {
  const { outputs } = await runtime.submit({
    inputs: [{ datatype: 'FP32', shape: [1, 2], data: new Float32Array(2) }],
    rows: 1,
    outputs: [0],
    deadlineMs: performance.now() + 60_000,
  });
  return outputs[0]?.data[0];
}

/** A loader whose loads wait until they are let go. */
export class GatedLoader {
  readonly started: string[] = [];
  #open: () => void = () => undefined;
  #gate: Promise<void> = Promise.resolve();

  /** Loads that start from now on wait. */
  shut(): void {
    this.#gate = new Promise((resolve) => {
      this.#open = resolve;
    });
  }

  open(): void {
    this.#open();
  }

  readonly load = async (source: ModelSource): Promise<ServedModel> => {
    this.started.push(`${source.name}/${source.version}`);
    await this.#gate;
    return load(source);
  };
}

/** Waits for something that happens soon; fails by the test's own time limit if it does not. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
}
