import { closeSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ModelFolder, plusModel } from './model-folder';
import { amountOf, GatedLoader, RunningRepository, until } from './running-repository';

const TRUNCATED = join(__dirname, '../../fixtures/models/truncated.onnx');

let folder: ModelFolder;
let gated: GatedLoader;
let running: RunningRepository;
beforeEach(async () => {
  folder = new ModelFolder();
  folder.addVersion('plus', 1, plusModel(1));
  gated = new GatedLoader();
  running = new RunningRepository({ paths: folder.path, load: gated.load });
  await running.repository.start();
});
afterEach(async () => {
  gated.open();
  await running.repository.close();
  folder.remove();
});

/** The two looks that it takes to see that files have come to rest. */
async function settle(): Promise<void> {
  await running.repository.poll();
  await running.repository.poll();
}

describe('a version that appears', () => {
  test('is known at the first look and serves after the second', async () => {
    // WHEN
    folder.addVersion('plus', 2, plusModel(2));
    await running.repository.poll();

    // THEN
    expect(running.states()).toEqual(['plus/1 READY', 'plus/2 LOADING']);
    expect(() => running.repository.acquire('plus', '2')).toThrow(expect.objectContaining({ statusCode: 503 }));
    await running.repository.poll();
    expect(running.states()).toEqual(['plus/1 READY', 'plus/2 READY']);
    expect(await running.amountOf('plus')).toBe(2);
    expect(await running.amountOf('plus', '1')).toBe(1);
  });

  test('leaves the bare name to the old one until it is ready', async () => {
    // GIVEN
    folder.addVersion('plus', 2, plusModel(2));
    await running.repository.poll();
    gated.shut();

    // WHEN
    const loaded = running.repository.poll();
    await until(() => gated.started.includes('plus/2'));

    // THEN
    expect(await running.amountOf('plus')).toBe(1);
    expect(() => running.repository.acquire('plus', '2')).toThrow("model 'plus' is not ready: version 2 is loading");
    gated.open();
    await loaded;
    expect(await running.amountOf('plus')).toBe(2);
  });

  test('may be older than those that serve', async () => {
    // GIVEN
    folder.addVersion('plus', 3, plusModel(3));
    await settle();

    // WHEN
    folder.addVersion('plus', 2, plusModel(2));
    await settle();

    // THEN
    expect(await running.amountOf('plus')).toBe(3);
    expect(await running.amountOf('plus', '2')).toBe(2);
  });

  test('is not tried while its file grows', async () => {
    // GIVEN
    const content = readFileSync(plusModel(2));
    folder.write('plus/2/model.onnx', '');
    const file = openSync(folder.pathOf('plus', '2', 'model.onnx'), 'w');

    // WHEN it is copied in three parts with a look at each
    for (const from of [0, 40, 80]) {
      writeSync(file, content.subarray(from, from + 40));
      await running.repository.poll();
    }
    closeSync(file);

    // THEN
    expect(gated.started).toEqual(['plus/1']);
    await running.repository.poll();
    expect(gated.started).toEqual(['plus/1', 'plus/2']);
    expect(await running.amountOf('plus')).toBe(2);
  });

  test('belongs to a new model as well', async () => {
    // WHEN
    folder.addVersion('another', 1, plusModel(3));
    await settle();

    // THEN
    expect(await running.amountOf('another')).toBe(3);
  });
});

describe('a version that is replaced in place', () => {
  test('serves its new file, of the same size, after the swap', async () => {
    // WHEN
    folder.replaceVersion('plus', 1, plusModel(2));
    await settle();

    // THEN
    expect(await running.amountOf('plus')).toBe(2);
    expect(running.ready).toEqual(['plus/1', 'plus/1']);
  });

  test('closes its old file when the last lease is back, and is not announced as gone', async () => {
    // GIVEN
    const lease = running.repository.acquire('plus');
    folder.replaceVersion('plus', 1, plusModel(2));
    await settle();

    // THEN
    expect(await amountOf(lease.model)).toBe(1);
    lease.release();
    await until(() => running.log.some(({ msg }) => msg === 'model version is closed'));
    await expect(amountOf(lease.model)).rejects.toMatchObject({ statusCode: 503 });
    expect(running.gone).toEqual([]);
  });

  test('serves its earlier file when the new one is broken, and says so', async () => {
    // WHEN
    folder.replaceVersion('plus', 1, TRUNCATED);
    await settle();

    // THEN
    expect(await running.amountOf('plus')).toBe(1);
    expect(running.repository.index()).toEqual([
      {
        name: 'plus',
        version: '1',
        state: 'READY',
        reason: expect.stringMatching(/^its earlier files serve, the present ones do not load: /),
      },
    ]);
  });

  test('is loaded anew with a model.yaml that changes', async () => {
    // WHEN
    folder.write('plus/model.yaml', 'description: adds one\n');
    await settle();

    // THEN
    const lease = running.repository.acquire('plus');
    expect(lease.model.description?.description).toBe('adds one');
    lease.release();
  });

  test('serves as before when its model.yaml breaks, and as written when that is mended', async () => {
    // GIVEN
    folder.write('plus/model.yaml', 'description: adds one\nuseCase: soothsaying\n');
    await settle();
    expect(await running.amountOf('plus')).toBe(1);
    expect(running.reasonOf('plus', '1')).toMatch(/plus\/model\.yaml:2:\d+: useCase/);

    // WHEN
    folder.write('plus/model.yaml', 'description: adds one\nuseCase: fraud-detection\n');
    await settle();

    // THEN
    expect(running.reasonOf('plus', '1')).toBe('');
    expect(running.repository.served()[0]?.description?.useCase).toBe('fraud-detection');
  });
});

describe('a broken version', () => {
  test('is not tried again while its file stays the same', async () => {
    // GIVEN
    folder.addVersion('plus', 2, TRUNCATED);
    await settle();

    // WHEN
    await settle();

    // THEN
    expect(gated.started).toEqual(['plus/1', 'plus/2']);
    expect(running.states()).toEqual(['plus/1 READY', 'plus/2 UNAVAILABLE']);
  });

  test('serves once it is mended', async () => {
    // GIVEN
    folder.addVersion('plus', 2, TRUNCATED);
    await settle();

    // WHEN
    folder.replaceVersion('plus', 2, plusModel(2));
    await settle();

    // THEN
    expect(running.repository.index()).toContainEqual({ name: 'plus', version: '2', state: 'READY', reason: '' });
    expect(await running.amountOf('plus')).toBe(2);
  });

  test('without its model.onnx says so, and serves once that comes', async () => {
    // GIVEN
    folder.write('plus/2/notes.txt', 'to do');
    await settle();
    expect(running.reasonOf('plus', '2')).toBe('the version folder has no model.onnx');

    // WHEN
    folder.addVersion('plus', 2, plusModel(2));
    await settle();

    // THEN
    expect(await running.amountOf('plus')).toBe(2);
  });
});

describe('a version that goes', () => {
  beforeEach(async () => {
    folder.addVersion('plus', 2, plusModel(2));
    await settle();
  });

  test('is handed out no more from the first look on', async () => {
    // WHEN
    folder.removeVersion('plus', 2);
    await running.repository.poll();

    // THEN
    expect(() => running.repository.acquire('plus', '2')).toThrow("has no version '2' (served: 1)");
    expect(await running.amountOf('plus')).toBe(1);
    expect(running.states()).toEqual(['plus/1 READY']);
  });

  test('answers those who hold it, and is closed and announced when they are done', async () => {
    // GIVEN
    const lease = running.repository.acquire('plus', '2');
    folder.removeVersion('plus', 2);
    await running.repository.poll();

    // THEN
    expect(await amountOf(lease.model)).toBe(2);
    expect(running.gone).toEqual([]);
    lease.release();
    await until(() => running.gone.length > 0);
    expect(running.gone).toEqual(['plus/2']);
    await expect(amountOf(lease.model)).rejects.toMatchObject({ statusCode: 503 });
  });

  test('takes the model with it when it was the last', async () => {
    // WHEN
    folder.removeVersion('plus', 1);
    folder.removeVersion('plus', 2);
    await running.repository.poll();

    // THEN
    expect(() => running.repository.acquire('plus')).toThrow(expect.objectContaining({ statusCode: 404 }));
    expect([running.repository.has('plus'), running.states()]).toEqual([false, []]);
  });

  test('while it loads never serves', async () => {
    // GIVEN
    folder.addVersion('plus', 3, plusModel(3));
    await running.repository.poll();
    gated.shut();
    const loaded = running.repository.poll();
    await until(() => gated.started.includes('plus/3'));

    // WHEN
    folder.removeVersion('plus', 3);
    const looked = running.repository.poll();
    await until(() => !running.states().includes('plus/3 LOADING'));
    gated.open();
    await Promise.all([loaded, looked]);

    // THEN
    expect(await running.amountOf('plus')).toBe(2);
    expect(running.ready).toEqual(['plus/1', 'plus/2']);
  });
});

describe('the swap of a linked folder', () => {
  beforeEach(async () => {
    await running.repository.close();
    folder.addVersion('..one/plus', 1, plusModel(1));
    folder.removeVersion('plus', 1);
    renameSync(folder.pathOf('plus'), folder.pathOf('.plus'));
    folder.link('..data', '..one');
    folder.link('plus', '..data/plus');
    running = new RunningRepository({ paths: folder.path, load: gated.load });
    await running.repository.start();
  });

  test('to another version leaves the bare name to the old one until the new one is ready', async () => {
    // GIVEN
    folder.addVersion('..two/plus', 2, plusModel(2));

    // WHEN
    folder.link('..data', '..two');
    await running.repository.poll();

    // THEN
    expect(running.states()).toEqual(['plus/1 READY', 'plus/2 LOADING']);
    expect(await running.amountOf('plus')).toBe(1);
    expect(() => running.repository.acquire('plus', '1')).toThrow(expect.objectContaining({ statusCode: 404 }));
    await running.repository.poll();
    expect(await running.amountOf('plus')).toBe(2);
    await until(() => running.gone.length > 0);
    expect([running.gone, running.states()]).toEqual([['plus/1'], ['plus/2 READY']]);
  });

  test('to a broken version leaves the bare name to the old one', async () => {
    // GIVEN
    folder.addVersion('..two/plus', 2, TRUNCATED);

    // WHEN
    folder.link('..data', '..two');
    await settle();

    // THEN
    expect(running.states()).toEqual(['plus/1 READY', 'plus/2 UNAVAILABLE']);
    expect(await running.amountOf('plus')).toBe(1);
  });

  test('to the same version with another file replaces it', async () => {
    // GIVEN
    folder.addVersion('..two/plus', 1, plusModel(2));

    // WHEN
    folder.link('..data', '..two');
    await settle();

    // THEN
    expect(await running.amountOf('plus', '1')).toBe(2);
  });
});

test('a repository that cannot be read for a while serves on, tells it once, and goes on', async () => {
  // GIVEN
  await running.repository.close();
  running = new RunningRepository({ paths: folder.path, load: gated.load, pollIntervalMs: 5 });
  await running.repository.start();
  const away = `${folder.path}-away`;
  const errors = () => running.log.filter(({ msg }) => msg === 'model repository cannot be read');

  // WHEN
  renameSync(folder.path, away);
  await until(() => errors().length > 0);
  await new Promise((resolve) => setTimeout(resolve, 50));

  // THEN
  expect(await running.amountOf('plus')).toBe(1);
  expect(errors()).toHaveLength(1);
  renameSync(away, folder.path);
  folder.addVersion('plus', 2, plusModel(2));
  await until(() => running.ready.includes('plus/2'));
});
