import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { ModelFolder, plusModel } from './model-folder';
import { RunningRepository, until } from './running-repository';

const TRUNCATED = join(__dirname, '../../fixtures/models/truncated.onnx');
const CLIENTS = 16;

let folder: ModelFolder;
let running: RunningRepository;
beforeEach(async () => {
  folder = new ModelFolder();
  folder.addVersion('plus', 1, plusModel(1));
  running = new RunningRepository({ paths: folder.path, pollIntervalMs: 5 });
  await running.repository.start();
});
afterEach(async () => {
  await running.repository.close();
  folder.remove();
});

test('no request fails while versions appear, are replaced, break, are mended and go', async () => {
  // GIVEN clients that ask all the time
  let asking = true;
  let answers = 0;
  const amounts = new Set<unknown>();
  const failures: unknown[] = [];
  const clients = Array.from({ length: CLIENTS }, async () => {
    while (asking) {
      try {
        amounts.add(await running.amountOf('plus'));
        answers += 1;
      } catch (error) {
        failures.push(error);
      }
      await new Promise(setImmediate);
    }
  });
  const loads = (version: number) => running.ready.filter((ready) => ready === `plus/${version}`).length;
  const isUnavailable = (version: number) => running.states().includes(`plus/${version} UNAVAILABLE`);

  // WHEN
  for (let round = 1; round <= 5; round++) {
    folder.addVersion('plus', 2, plusModel(2));
    await until(() => loads(2) === 2 * round - 1);
    folder.replaceVersion('plus', 2, plusModel(3));
    await until(() => loads(2) === 2 * round);
    folder.addVersion('plus', 3, TRUNCATED);
    await until(() => isUnavailable(3));
    folder.replaceVersion('plus', 3, plusModel(1));
    await until(() => loads(3) === round);
    folder.removeVersion('plus', 3);
    folder.removeVersion('plus', 2);
    await until(() => running.states().join() === 'plus/1 READY');
  }
  asking = false;
  await Promise.all(clients);

  // THEN
  expect(failures).toEqual([]);
  expect(amounts).toEqual(new Set([1, 2, 3]));
  expect(answers).toBeGreaterThan(CLIENTS);
  await until(() => running.gone.length === 10);
});

test('no request fails while a linked folder is swapped between versions', async () => {
  // GIVEN
  folder.addVersion('..one/plus', 1, plusModel(1));
  folder.addVersion('..two/plus', 2, plusModel(2));
  folder.link('..data', '..one');
  folder.link('linked', '..data/plus');
  await until(() => running.ready.includes('linked/1'));
  let asking = true;
  const failures: unknown[] = [];
  const clients = Array.from({ length: CLIENTS }, async () => {
    while (asking) {
      await running.amountOf('linked').catch((error) => failures.push(error));
      await new Promise(setImmediate);
    }
  });

  // WHEN
  for (let swap = 1; swap <= 10; swap++) {
    const version = swap % 2 === 1 ? 2 : 1;
    folder.link('..data', version === 2 ? '..two' : '..one');
    await until(
      () => running.states().includes(`linked/${version} READY`) && !running.states()[1]?.includes('LOADING'),
    );
  }
  asking = false;
  await Promise.all(clients);

  // THEN
  expect(failures).toEqual([]);
});
