import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { adopt } from '../../cli/optimize/adopt';
import { isObject } from '../../lib/spec/describe';
import { scanRepository } from '../../service/repository/scan';
import { ModelFolder } from '../support/model-folder';
import { send } from '../support/requests';
import { type ServiceProcess, startService } from '../support/service-process';

/** Threads of a process, as the kernel counts them. */
function threadsOf({ pid }: ServiceProcess): number {
  return readdirSync(join('/proc', String(pid), 'task')).length;
}

describe('the threads of the service', () => {
  let service: ServiceProcess | undefined;
  /** What the service said of the model. */
  let told: unknown;
  const folder = new ModelFolder().add('add');
  afterAll(() => folder.delete());

  afterEach(async () => {
    service?.signal('SIGKILL');
    await service?.exited;
  });

  /** Those of the service when it has loaded a model for which optimize adopted `runtime`. */
  async function threadsWith(
    runtime: Readonly<Record<string, string | number>>,
    { described = 'workers: 1', flags = [] }: { described?: string; flags?: string[] } = {},
  ): Promise<number> {
    const { models } = await scanRepository(folder.path);
    const [source] = models.get('add') ?? [];
    if (source === undefined) throw new Error('the model is gone');
    folder.describe('add', `runtime: {executor: worker, ${described}}\n`);
    await adopt(source, { runtime }, new AbortController().signal);
    service = await startService(['--models', folder.path, ...flags]);
    const threads = threadsOf(service);
    const { json } = await send(`${service.url}/v2/models/add`);
    told = isObject(json) ? json.parameters : undefined;
    await service.stop();
    return threads;
  }

  test('are as many more as the adopted settings say', async () => {
    const alone = await threadsWith({ intraOpThreads: 1 });
    // A run's own thread is the first of its threads.
    expect(await threadsWith({ intraOpThreads: 4 })).toBe(alone + 3);
    expect(await threadsWith({ intraOpThreads: 4, executionMode: 'sequential' })).toBe(alone + 3);
    // Branches side by side: as many again.
    expect(await threadsWith({ intraOpThreads: 4, executionMode: 'parallel' })).toBe(alone + 6);
  });

  test('are told with the model, so that a profile has them', async () => {
    await threadsWith({ intraOpThreads: 3, executionMode: 'parallel', maxBatch: 16 });
    expect(told).toMatchObject({ intra_op_threads: 3, execution_mode: 'parallel', max_batch: 16 });
    // By the service, where the model says nothing.
    await threadsWith({}, { flags: ['--intra-op-threads', '2'] });
    expect(told).toMatchObject({ intra_op_threads: 2, execution_mode: 'sequential' });
    expect(told).not.toHaveProperty('max_batch');
  });

  test('are no more than the workers of a plan had, where a run takes more', async () => {
    // GIVEN four workers by the environment's settings, and a model that adopted four threads a run
    const planned = { described: 'maxBatch: 8', flags: ['--workers', '4', '--intra-op-threads', '1'] };
    expect(await threadsWith({ intraOpThreads: 4 }, planned)).toBe(await threadsWith({ intraOpThreads: 4 }));
  });
});
