import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ModelFolder } from '../support/model-folder';
import { errorOf, eventually, post, send } from '../support/requests';
import { ROOT, type ServiceProcess, startService } from '../support/service-process';

const INPUTS = [
  { name: 'a', shape: [1, 3], datatype: 'FP32', data: [1, 2, 3] },
  { name: 'b', shape: [1, 3], datatype: 'FP32', data: [1, 1, 1] },
];

describe('a model repository that changes while it is served', () => {
  let folder: ModelFolder;
  let service: ServiceProcess;

  beforeEach(() => {
    folder = new ModelFolder().add('add');
  });
  afterEach(async () => {
    await service.stop();
    folder.delete();
  });

  const start = async (): Promise<void> => {
    service = await startService(['--models', folder.path, '--poll-interval-ms', '100', '--cache-mib', '0']);
  };
  const infer = (model: string) => post(`${service.url}/v2/models/${model}/infer`, { inputs: INPUTS });
  const servedVersion = async () => Object((await infer('add')).json).model_version;
  const index = async () => Object((await post(`${service.url}/v2/repository/index`, {})).json);

  test('no request fails while versions come and go under load', async () => {
    await start();
    // GIVEN requests one after the other on eight lanes
    let stopped = false;
    const answers: { status: number; version: unknown }[] = [];
    const isSeen = (version: string) =>
      eventually(
        async () => [...new Set(answers.map((answer) => answer.version))],
        (seen) => seen.includes(version),
      );
    const lane = async (): Promise<void> => {
      while (!stopped) {
        const { status, json } = await infer('add');
        answers.push({ status, version: Object(json).model_version });
      }
    };
    const lanes = Array.from({ length: 8 }, lane);
    await isSeen('1');
    // WHEN a version comes, and the old and then the new one go
    folder.add('add', 'add', 2);
    await isSeen('2');
    folder.remove('add', 1);
    folder.add('add', 'add', 3);
    await isSeen('3');
    folder.remove('add', 2);
    await eventually(index, (entries) => entries.length === 1);
    stopped = true;
    await Promise.all(lanes);
    // THEN all were answered, by all three
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(answers.map(({ version }) => version))).toEqual(new Set(['1', '2', '3']));
  });

  test('a broken model leaves the others alone and says why it is not served', async () => {
    folder.add('broken', 'truncated');
    await start();
    const entries = await index();
    expect(entries).toEqual([
      { name: 'add', version: '1', state: 'READY', reason: '' },
      { name: 'broken', version: '1', state: 'UNAVAILABLE', reason: expect.stringMatching(/\w+/) },
    ]);
    expect((await infer('add')).status).toBe(200);
    expect((await send(`${service.url}/v2/health/ready`)).status).toBe(200);
  });

  test('a request to a broken model is told the reason', async () => {
    folder.add('broken', 'truncated');
    await start();
    const answer = await infer('broken');
    expect([answer.status, answer.headers.get('retry-after'), errorOf(answer)]).toEqual([
      503,
      '1',
      expect.stringContaining("'broken'"),
    ]);
  });

  test('a broken model.yaml is told with its line', async () => {
    folder.add('described', 'add').describe('described', 'description: a sum\nuseCase: guessing\n');
    await start();
    const [, { state, reason }] = await index();
    expect([state, reason]).toEqual(['UNAVAILABLE', expect.stringContaining('model.yaml:2:')]);
  });

  test('a broken new version leaves the old one serving', async () => {
    await start();
    folder.add('add', 'truncated', 2);
    await eventually(index, (entries) => entries.length === 2 && entries[1].state === 'UNAVAILABLE');
    expect(await servedVersion()).toBe('1');
  });

  test('a broken version that is mended is served without a restart', async () => {
    folder.add('late', 'truncated');
    await start();
    copyFileSync(join(ROOT, 'test/fixtures/models/add.onnx'), join(folder.path, 'late', '1', 'model.onnx'));
    const answer = await eventually(
      () => infer('late'),
      ({ status }) => status === 200,
    );
    expect(answer.status).toBe(200);
  });

  test('a half-copied file becomes a served model once it is whole', async () => {
    await start();
    // GIVEN the first half of a model
    const path = join(folder.path, 'copied', '1', 'model.onnx');
    mkdirSync(join(folder.path, 'copied', '1'), { recursive: true });
    writeFileSync(path, Buffer.alloc(10));
    await eventually(index, (entries) => entries.length === 2);
    // WHEN the rest arrives
    copyFileSync(join(ROOT, 'test/fixtures/models/add.onnx'), path);
    // THEN it is served
    await eventually(
      () => infer('copied'),
      ({ status }) => status === 200,
    );
  });

  test('an unloaded model is gone until it is loaded', async () => {
    await start();
    const administration = (verb: string) => post(`${service.adminUrl}/v2/repository/models/add/${verb}`, {});
    await administration('unload');
    expect((await infer('add')).status).not.toBe(200);
    await administration('load');
    expect((await infer('add')).status).toBe(200);
  });
});
