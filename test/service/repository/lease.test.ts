import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { ModelHolder } from '../../../service/repository/lease';
import { scanRepository } from '../../../service/repository/scan';
import { ModelFolder, plusModel } from './model-folder';
import { amountOf, load } from './running-repository';

let folder: ModelFolder;
let holder: ModelHolder;

beforeEach(async () => {
  folder = new ModelFolder();
  folder.addVersion('plus', 1, plusModel(1));
  const [source] = (await scanRepository(folder.path)).models.get('plus') ?? [];
  if (source === undefined) throw new Error('the model is not there');
  holder = new ModelHolder(await load(source));
});
afterEach(async () => {
  await holder.model.runtime.close();
  folder.remove();
});

test('a retired model without leases is closed at once', async () => {
  // WHEN
  await holder.retire();

  // THEN
  await expect(amountOf(holder.model)).rejects.toMatchObject({ statusCode: 503 });
});

test('a retired model answers until its last lease is back', async () => {
  // GIVEN
  const first = holder.acquire();
  const second = holder.acquire();
  const closed = holder.retire();

  // WHEN
  first.release();

  // THEN
  expect(await amountOf(second.model)).toBe(1);
  second.release();
  await closed;
  await expect(amountOf(second.model)).rejects.toMatchObject({ statusCode: 503 });
});

test('a lease released twice does not end another', async () => {
  // GIVEN
  const careless = holder.acquire();
  const careful = holder.acquire();
  const closed = holder.retire();

  // WHEN
  careless.release();
  careless.release();
  await new Promise(setImmediate);

  // THEN
  expect(await amountOf(careful.model)).toBe(1);
  careful.release();
  await closed;
});
