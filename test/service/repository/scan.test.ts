import { copyFileSync, mkdirSync, renameSync, rmSync, symlinkSync, utimesSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { isUnchanged, type ModelSource, type Snapshot, scanRepository } from '../../../service/repository/scan';
import { ModelFolder, plusModel } from './model-folder';

let folder: ModelFolder;
beforeEach(() => {
  folder = new ModelFolder();
});
afterEach(() => folder.remove());

function versionsOf(snapshot: Snapshot, name: string): number[] | undefined {
  return snapshot.models.get(name)?.map(({ version }) => version);
}

async function onlySource(): Promise<ModelSource> {
  const [source] = (await scanRepository(folder.path)).models.get('plus') ?? [];
  if (source === undefined) throw new Error('the model is not there');
  return source;
}

describe('what is a model', () => {
  test('versions are numbers, newest first', async () => {
    // GIVEN
    for (const version of [9, 10, 1]) folder.addVersion('plus', version, plusModel(1));

    // WHEN
    const snapshot = await scanRepository(folder.path);

    // THEN
    expect(versionsOf(snapshot, 'plus')).toEqual([10, 9, 1]);
  });

  test('folders and files that are no positive integer are no versions', async () => {
    // GIVEN
    folder.addVersion('plus', 2, plusModel(1));
    for (const name of ['recipe', '0', '-1', '01', '1.5', '3a', '12345678901234567890']) {
      folder.addVersion('plus', name, plusModel(1));
    }
    folder.write('plus/7', 'a file');

    // WHEN
    const snapshot = await scanRepository(folder.path);

    // THEN
    expect(versionsOf(snapshot, 'plus')).toEqual([2]);
  });

  test('plain files and hidden folders beside the models are passed over in silence', async () => {
    // GIVEN
    folder.write('README.md', 'models');
    folder.addVersion('.git', 1, plusModel(1));

    // WHEN
    const snapshot = await scanRepository(folder.path);

    // THEN
    expect(snapshot).toEqual({ models: new Map(), ignored: [] });
  });

  test.each(['a b', 'scorer:predict', 'größe', 'a%2Fb', 'x'.repeat(129)])(
    'a name that a URL cannot carry as it is, such as %j, is not served',
    async (name) => {
      // GIVEN
      folder.addVersion(name, 1, plusModel(1));

      // WHEN
      const snapshot = await scanRepository(folder.path);

      // THEN
      expect(snapshot.models.size).toBe(0);
      expect(snapshot.ignored).toEqual([
        { path: folder.pathOf(name), reason: expect.stringContaining("letters, digits, '_', '-' and '.' only") },
      ]);
    },
  );

  test.each(['__proto__', 'constructor', 'v1.2_beta-3'])('%s is a name like any other', async (name) => {
    // GIVEN
    folder.addVersion(name, 1, plusModel(1));

    // WHEN
    const snapshot = await scanRepository(folder.path);

    // THEN
    expect(versionsOf(snapshot, name)).toEqual([1]);
  });

  test('a model without a version folder is told of', async () => {
    // GIVEN
    folder.write('plus/model.onnx', 'in the wrong place');

    // WHEN
    const snapshot = await scanRepository(folder.path);

    // THEN
    expect(snapshot.ignored).toEqual([
      { path: folder.pathOf('plus'), reason: 'has no version folder, such as 1/ with a model.onnx in it' },
    ]);
  });

  test('a version lists its files with model.yaml apart, without hidden ones', async () => {
    // GIVEN
    folder.addVersion('plus', 1, plusModel(1));
    folder.write('plus/1/weights.bin', 'weights');
    folder.write('plus/1/.weights.bin.part', 'half');
    folder.write('plus/model.yaml', 'description: adds');

    // WHEN
    const source = await onlySource();

    // THEN
    expect(source).toMatchObject({
      name: 'plus',
      version: 1,
      modelPath: folder.pathOf('plus', '1', 'model.onnx'),
      files: ['model.onnx', 'weights.bin'],
      descriptionPath: folder.pathOf('plus', 'model.yaml'),
    });
  });

  test('models may also be given one folder each', async () => {
    // GIVEN
    folder.addVersion('somewhere/scorer-v3', 1, plusModel(1));

    // WHEN
    const snapshot = await scanRepository(new Map([['scorer', folder.pathOf('somewhere', 'scorer-v3')]]));

    // THEN
    expect(versionsOf(snapshot, 'scorer')).toEqual([1]);
  });

  test('a folder given for a model that is none is told of', async () => {
    // GIVEN
    folder.write('file', 'a file');
    const paths = new Map([
      ['lost', folder.pathOf('lost')],
      ['file', folder.pathOf('file')],
    ]);

    // WHEN
    const snapshot = await scanRepository(paths);

    // THEN
    expect(snapshot.ignored).toEqual([
      { path: folder.pathOf('lost'), reason: 'is absent' },
      { path: folder.pathOf('file'), reason: 'is not a folder' },
    ]);
  });
});

describe('fingerprints', () => {
  test('an untouched version keeps its fingerprint', async () => {
    // GIVEN
    folder.addVersion('plus', 1, plusModel(1));
    const before = await onlySource();

    // THEN
    expect((await onlySource()).fingerprint).toBe(before.fingerprint);
    expect(await isUnchanged(before)).toBe(true);
  });

  test.each([
    ['a longer model.onnx', () => folder.write('plus/1/model.onnx', 'longer than before, by far')],
    ['external data that appears', () => folder.write('plus/1/weights.bin', '')],
    ['a model.yaml that changes', () => folder.write('plus/model.yaml', 'description: adds one')],
    ['a model.onnx that goes', () => rmSync(folder.pathOf('plus', '1', 'model.onnx'))],
    ['a version that goes', () => folder.removeVersion('plus', 1)],
  ])('%s is a change', async (_, change) => {
    // GIVEN
    folder.write('plus/1/model.onnx', 'model');
    folder.write('plus/model.yaml', 'description: adds');
    const before = await onlySource();

    // WHEN
    change();

    // THEN
    expect(await isUnchanged(before)).toBe(false);
  });

  test('another file of the same size and modification time, moved into place, is a change', async () => {
    // GIVEN
    folder.addVersion('plus', 1, plusModel(1));
    const released = new Date('2026-01-01T00:00:00Z'); // as reproducible builds do
    utimesSync(folder.pathOf('plus', '1', 'model.onnx'), released, released);
    const before = await onlySource();

    // WHEN
    await new Promise((resolve) => setTimeout(resolve, 20)); // a tick of the file system's clock
    copyFileSync(plusModel(2), folder.pathOf('next.onnx'));
    utimesSync(folder.pathOf('next.onnx'), released, released);
    renameSync(folder.pathOf('next.onnx'), folder.pathOf('plus', '1', 'model.onnx'));

    // THEN
    expect((await onlySource()).fingerprint).not.toBe(before.fingerprint);
  });
});

describe('trouble', () => {
  test('a repository that is not there is an error', async () => {
    await expect(scanRepository(folder.pathOf('nowhere'))).rejects.toThrow('the folder of models is absent');
  });

  test('a model that cannot be read now keeps what was known of it', async () => {
    // GIVEN
    folder.addVersion('plus', 1, plusModel(1));
    const before = await scanRepository(folder.path);
    rmSync(folder.pathOf('plus'), { recursive: true });
    symlinkSync('plus', folder.pathOf('plus')); // a link to itself: ELOOP, not absence

    // WHEN
    const after = await scanRepository(folder.path, before);

    // THEN
    expect(after.models).toEqual(before.models);
    expect(after.ignored).toEqual([{ path: folder.pathOf('plus'), reason: expect.stringContaining('cannot be read') }]);
  });

  test('a device in the place of model.onnx is no file, and is not read', async () => {
    // GIVEN
    mkdirSync(folder.pathOf('plus', '1'), { recursive: true });
    symlinkSync('/dev/zero', folder.pathOf('plus', '1', 'model.onnx'));

    // THEN
    expect((await onlySource()).files).toEqual([]);
  });

  test('a link that leads nowhere is no model, and told of', async () => {
    // GIVEN
    symlinkSync('nowhere', folder.pathOf('plus'));

    // WHEN
    const snapshot = await scanRepository(folder.path);

    // THEN
    expect(snapshot).toEqual({ models: new Map(), ignored: [{ path: folder.pathOf('plus'), reason: 'is absent' }] });
  });
});

describe('folders linked as Kubernetes does', () => {
  test('links are followed', async () => {
    // GIVEN
    folder.addVersion('..first/plus', 1, plusModel(1));
    folder.link('..data', '..first');
    folder.link('plus', '..data/plus');

    // WHEN
    const snapshot = await scanRepository(folder.path);

    // THEN
    expect(versionsOf(snapshot, 'plus')).toEqual([1]);
  });

  test('a swap in the middle of a look never makes the model look empty', async () => {
    // GIVEN two states that have no version in common
    folder.addVersion('..first/plus', 1, plusModel(1));
    folder.addVersion('..second/plus', 2, plusModel(2));
    folder.link('..data', '..first');
    folder.link('plus', '..data/plus');

    // WHEN the link is swapped once in each look, at another moment each time
    const seen: (number[] | undefined)[] = [];
    for (let look = 0; look < 300; look++) {
      const snapshot = scanRepository(folder.path);
      for (let pause = look % 60; pause > 0; pause--) await new Promise(setImmediate);
      folder.link('..data', look % 2 === 0 ? '..second' : '..first');
      seen.push(versionsOf(await snapshot, 'plus'));
    }

    // THEN
    expect(new Set(seen.map((versions) => versions?.length))).toEqual(new Set([1]));
  });
});
