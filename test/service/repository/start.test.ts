import { copyFileSync, cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ModelFolder, plusModel } from './model-folder';
import { GatedLoader, load, RunningRepository, until } from './running-repository';

const BUNDLED = join(__dirname, '../../../models');
const FIXTURES = join(__dirname, '../../fixtures/models');

let folder: ModelFolder;
let running: RunningRepository;
beforeEach(() => {
  folder = new ModelFolder();
  running = new RunningRepository({ paths: folder.path });
});
afterEach(async () => {
  await running.repository.close();
  folder.remove();
});

describe('whole models', () => {
  test('the bare name means the newest version by number, and older ones answer by theirs', async () => {
    // GIVEN
    folder.addVersion('plus', 9, plusModel(1));
    folder.addVersion('plus', 10, plusModel(2));

    // WHEN
    await running.repository.start();

    // THEN
    expect(await running.amountOf('plus')).toBe(2);
    expect(await running.amountOf('plus', '10')).toBe(2);
    expect(await running.amountOf('plus', '9')).toBe(1);
    expect(running.repository.versionsOf('plus')).toEqual(['9', '10']);
  });

  test('the index lists all by name and number, and each is announced once', async () => {
    // GIVEN
    folder.addVersion('plus', 10, plusModel(2));
    folder.addVersion('plus', 9, plusModel(1));
    folder.addVersion('another', 1, plusModel(3));

    // WHEN
    await running.repository.start();

    // THEN
    expect(running.repository.index()).toEqual([
      { name: 'another', version: '1', state: 'READY', reason: '' },
      { name: 'plus', version: '9', state: 'READY', reason: '' },
      { name: 'plus', version: '10', state: 'READY', reason: '' },
    ]);
    expect(running.ready.sort()).toEqual(['another/1', 'plus/10', 'plus/9']);
    expect(running.repository.served().map(({ name, version }) => `${name}/${version}`)).toHaveLength(3);
  });

  test('models may be given one folder each', async () => {
    // GIVEN
    folder.addVersion('store/v7', 1, plusModel(1));
    running = new RunningRepository({ paths: new Map([['scorer', folder.pathOf('store', 'v7')]]) });

    // WHEN
    await running.repository.start();

    // THEN
    expect(running.states()).toEqual(['scorer/1 READY']);
  });

  test('at most four models load at the same time', async () => {
    // GIVEN
    for (let i = 0; i < 10; i++) folder.addVersion(`plus-${i}`, 1, plusModel(1));
    let loading = 0;
    let most = 0;
    running = new RunningRepository({
      paths: folder.path,
      load: async (source) => {
        loading += 1;
        most = Math.max(most, loading);
        // Long enough for as many to begin as may, and for one more.
        await until(() => most >= 4);
        await new Promise(setImmediate);
        loading -= 1;
        return load(source);
      },
    });

    // WHEN
    await running.repository.start();

    // THEN
    expect(most).toBe(4);
    expect(running.repository.served()).toHaveLength(10);
  });
});

describe('what is not there', () => {
  test('an unknown model is 404', async () => {
    // GIVEN
    await running.repository.start();

    // THEN
    expect(() => running.repository.acquire('plus')).toThrow(
      expect.objectContaining({ statusCode: 404, code: 'model_not_found' }),
    );
  });

  test('a mistyped model is told which one is meant', async () => {
    // GIVEN
    folder.addVersion('plus', 1, plusModel(1));
    await running.repository.start();

    // THEN
    expect(() => running.repository.acquire('pluss')).toThrow("model 'pluss' does not exist here (did you mean plus?)");
  });

  test.each(['3', '0', '01', '1.0', 'newest', '', '__proto__'])(
    'version %j is 404 and told which are served',
    async (version) => {
      // GIVEN
      folder.addVersion('plus', 1, plusModel(1));
      folder.addVersion('plus', 2, plusModel(1));
      await running.repository.start();

      // THEN
      expect(() => running.repository.acquire('plus', version)).toThrow(
        expect.objectContaining({
          statusCode: 404,
          message: `model 'plus' has no version '${version}' (served: 1, 2)`,
        }),
      );
    },
  );

  test('before the first look, every model is 503', () => {
    expect(() => running.repository.acquire('plus')).toThrow(expect.objectContaining({ statusCode: 503 }));
  });

  test('a repository that is not there is a configuration error that names it', async () => {
    // GIVEN
    running = new RunningRepository({ paths: folder.pathOf('nowhere') });

    // THEN
    await expect(running.repository.start()).rejects.toMatchObject({
      name: 'ConfigError',
      message: `the model repository '${folder.pathOf('nowhere')}' cannot be read: the folder of models is absent`,
    });
  });

  test('a folder without versions is told of in the log, once', async () => {
    // GIVEN
    folder.write('plus/model.onnx', readFileSync(plusModel(1)));

    // WHEN
    await running.repository.start();
    await running.repository.poll();

    // THEN
    const warnings = running.log.filter(({ msg }) => msg === 'folder is not served');
    expect(warnings).toEqual([expect.objectContaining({ path: folder.pathOf('plus') })]);
  });
});

describe('broken models', () => {
  test.each(['truncated.onnx', 'not_a_model.onnx'])(
    '%s leaves that model out with its reason, and no other',
    async (file) => {
      // GIVEN
      folder.addVersion('broken', 1, join(FIXTURES, file));
      folder.addVersion('plus', 1, plusModel(1));

      // WHEN
      await running.repository.start();

      // THEN
      expect(running.states()).toEqual(['broken/1 UNAVAILABLE', 'plus/1 READY']);
      const reason = running.reasonOf('broken', '1');
      expect(reason).toMatch(/ONNX model/);
      expect(() => running.repository.acquire('broken')).toThrow(
        expect.objectContaining({
          statusCode: 503,
          message: `model 'broken' is not ready: version 1 cannot be loaded: ${reason}`,
        }),
      );
      expect(running.log).toContainEqual(expect.objectContaining({ model: 'broken', version: 1, reason, level: 50 }));
      expect(await running.amountOf('plus')).toBe(1);
    },
  );

  test('the reason does not tell where the models lie', async () => {
    // GIVEN
    cpSync(join(BUNDLED, 'image-classification'), folder.pathOf('image'), { recursive: true });
    folder.removeFile('image', 'example.png');
    folder.addVersion('truncated', 1, join(FIXTURES, 'truncated.onnx'));

    // WHEN
    await running.repository.start();

    // THEN
    expect(running.reasonOf('image', '1')).toContain("open 'example.png'");
    expect(JSON.stringify(running.repository.index())).not.toContain(folder.path);
  });

  test('an older good version keeps the bare name', async () => {
    // GIVEN
    folder.addVersion('plus', 1, plusModel(1));
    folder.addVersion('plus', 2, join(FIXTURES, 'truncated.onnx'));

    // WHEN
    await running.repository.start();

    // THEN
    expect(await running.amountOf('plus')).toBe(1);
    expect(() => running.repository.acquire('plus', '2')).toThrow(expect.objectContaining({ statusCode: 503 }));
    expect(() => running.repository.acquire('plus', '3')).toThrow("has no version '3' (served: 1)");
  });

  test('a broken model.yaml is told with its line', async () => {
    // GIVEN
    folder.addVersion('plus', 1, plusModel(1));
    folder.write('plus/model.yaml', 'description: adds one\nuseCase: soothsaying\n');

    // WHEN
    await running.repository.start();

    // THEN
    expect(running.states()).toEqual(['plus/1 UNAVAILABLE']);
    expect(running.reasonOf('plus', '1')).toMatch(/^plus\/model\.yaml:2:\d+: useCase/);
  });

  test('a file that changes while it is first loaded is loaded again once it rests', async () => {
    // GIVEN a copy that is still under way when the service starts
    const gated = new GatedLoader();
    folder.addVersion('plus', 1, plusModel(1));
    running = new RunningRepository({ paths: folder.path, load: gated.load });
    gated.shut();
    const started = running.repository.start();
    while (gated.started.length === 0) await new Promise(setImmediate);

    // WHEN
    folder.write('plus/1/weights.bin', 'the rest');
    gated.open();
    await started;

    // THEN what was digested may not be what was loaded, so it does not serve
    expect(running.states()).toEqual(['plus/1 LOADING']);
    await running.repository.poll();
    await running.repository.poll();
    expect(running.states()).toEqual(['plus/1 READY']);
    expect(running.ready).toEqual(['plus/1']);
  });
});

test('reads the files of a version only while it loads', async () => {
  // GIVEN
  folder.addVersion('plus', 1, plusModel(1));
  await running.repository.start();

  // WHEN the file is truncated in place behind a running model
  copyFileSync(join(FIXTURES, 'not_a_model.onnx'), folder.pathOf('plus', '1', 'model.onnx'));

  // THEN
  expect(await running.amountOf('plus')).toBe(1);
});
