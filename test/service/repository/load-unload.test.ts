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

describe('unload', () => {
  test('takes a model out of service until it is loaded again, whatever its files do', async () => {
    // WHEN
    await running.repository.unload('plus');
    folder.addVersion('plus', 2, plusModel(2));
    await running.repository.poll();
    await running.repository.poll();

    // THEN
    expect(running.repository.index()).toEqual([
      { name: 'plus', version: '1', state: 'UNAVAILABLE', reason: 'unloaded' },
      { name: 'plus', version: '2', state: 'UNAVAILABLE', reason: 'unloaded' },
    ]);
    expect(() => running.repository.acquire('plus')).toThrow(
      expect.objectContaining({ statusCode: 503, message: "model 'plus' is not ready: it is unloaded" }),
    );
    expect([running.gone, gated.started]).toEqual([['plus/1'], ['plus/1']]);
  });

  test('and loading again never make a model look unknown', async () => {
    // GIVEN
    await running.repository.unload('plus');
    const statuses = new Set<number>();
    let isLoaded = false;

    // WHEN
    const loaded = running.repository.load('plus').then(() => {
      isLoaded = true;
    });
    while (!isLoaded) {
      try {
        running.repository.acquire('plus').release();
      } catch (error) {
        statuses.add(Object(error).statusCode);
      }
      await new Promise((resolve) => setImmediate(resolve));
    }

    // THEN
    await loaded;
    expect([...statuses]).toEqual([503]);
  });

  test('resolves once those who hold the model are done', async () => {
    // GIVEN
    const lease = running.repository.acquire('plus');
    let isUnloaded = false;

    // WHEN
    const unloaded = running.repository.unload('plus').then(() => {
      isUnloaded = true;
    });

    // THEN
    expect(await amountOf(lease.model)).toBe(1);
    expect(isUnloaded).toBe(false);
    lease.release();
    await unloaded;
  });

  test('drops a load under way', async () => {
    // GIVEN
    folder.addVersion('plus', 2, plusModel(2));
    await running.repository.poll();
    gated.shut();
    const loaded = running.repository.poll();
    await until(() => gated.started.includes('plus/2'));

    // WHEN
    const unloaded = running.repository.unload('plus');
    gated.open();
    await Promise.all([loaded, unloaded]);

    // THEN
    expect([running.ready, running.repository.served()]).toEqual([['plus/1'], []]);
  });

  test('of an unknown model is 404', async () => {
    await expect(running.repository.unload('minus')).rejects.toMatchObject({ statusCode: 404 });
  });

  test('survives that the folder goes and comes back', async () => {
    // GIVEN
    await running.repository.unload('plus');
    folder.removeVersion('plus', 1);
    await running.repository.poll();
    expect(() => running.repository.acquire('plus')).toThrow(expect.objectContaining({ statusCode: 404 }));

    // WHEN
    folder.addVersion('plus', 1, plusModel(1));
    await running.repository.poll();
    await running.repository.poll();

    // THEN
    expect(running.states()).toEqual(['plus/1 UNAVAILABLE']);
  });
});

describe('load', () => {
  test('brings back what was unloaded', async () => {
    // GIVEN
    await running.repository.unload('plus');

    // WHEN
    await running.repository.load('plus');

    // THEN
    expect(await running.amountOf('plus')).toBe(1);
    expect(running.states()).toEqual(['plus/1 READY']);
  });

  test('loads a new version without waiting for a second look', async () => {
    // GIVEN
    folder.addVersion('plus', 2, plusModel(2));

    // WHEN
    await running.repository.load('plus');

    // THEN
    expect(await running.amountOf('plus')).toBe(2);
  });

  test('leaves what is loaded alone', async () => {
    // WHEN
    await running.repository.load('plus');

    // THEN
    expect(gated.started).toEqual(['plus/1']);
  });

  test('tries again what failed, and tells why it still fails', async () => {
    // GIVEN
    folder.addVersion('plus', 2, TRUNCATED);
    await expect(running.repository.load('plus')).rejects.toMatchObject({ statusCode: 503 });

    // WHEN
    const again = running.repository.load('plus');

    // THEN
    await expect(again).rejects.toThrow(/^model 'plus' is not ready: version 2 cannot be loaded: .*ONNX model/);
    expect(gated.started).toEqual(['plus/1', 'plus/2', 'plus/2']);
    expect(await running.amountOf('plus')).toBe(1);
  });

  test('leaves the incomplete files of other models alone', async () => {
    // GIVEN
    folder.addVersion('growing', 1, plusModel(2));

    // WHEN
    await running.repository.load('plus');

    // THEN
    expect(gated.started).toEqual(['plus/1']);
    expect(running.states()).toEqual(['growing/1 LOADING', 'plus/1 READY']);
  });

  test('of an unknown model is 404', async () => {
    await expect(running.repository.load('minus')).rejects.toMatchObject({ statusCode: 404 });
  });
});

describe('close', () => {
  test('hands out nothing more and resolves when the last lease is back', async () => {
    // GIVEN
    const lease = running.repository.acquire('plus');
    let isClosed = false;

    // WHEN
    const closed = running.repository.close().then(() => {
      isClosed = true;
    });

    // THEN
    expect(() => running.repository.acquire('plus')).toThrow(
      expect.objectContaining({ statusCode: 503, code: 'stopping' }),
    );
    expect(await amountOf(lease.model)).toBe(1);
    expect(isClosed).toBe(false);
    lease.release();
    await closed;
    await expect(amountOf(lease.model)).rejects.toMatchObject({ statusCode: 503 });
    expect(running.gone).toEqual(['plus/1']);
  });

  test('closes what is being loaded too', async () => {
    // GIVEN
    folder.addVersion('plus', 2, plusModel(2));
    await running.repository.poll();
    gated.shut();
    const loaded = running.repository.poll();
    await until(() => gated.started.includes('plus/2'));

    // WHEN
    const closed = running.repository.close();
    gated.open();
    await Promise.all([loaded, closed]);

    // THEN
    expect([running.ready, running.repository.index()]).toEqual([['plus/1'], []]);
    expect(running.log.filter(({ msg }) => msg === 'model version is closed')).toHaveLength(2);
  });

  test('may be called again, and before the start', async () => {
    // GIVEN
    const fresh = new RunningRepository({ paths: folder.path });

    // THEN
    await fresh.repository.close();
    await fresh.repository.close();
  });
});
