import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { FileStore } from '../../../../service/cache/features/file-store';
import { eventually } from '../../../support/requests';
import { plain, SILENT, USER, Warnings } from './views';

describe('features in a file', () => {
  let folder: string;
  let nowMs: number;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'headroom-features-'));
    nowMs = 0;
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function lines(...rows: (object | string)[]): FileStore {
    const text = rows.map((row) => (typeof row === 'string' ? row : JSON.stringify(row))).join('\n');
    // At once, so that nobody reads half of it.
    writeFileSync(join(folder, 'features.new'), text);
    renameSync(join(folder, 'features.new'), join(folder, 'features.jsonl'));
    return new FileStore(join(folder, 'features.jsonl'), 'user_id', SILENT, () => nowMs);
  }

  /** A store of the file as it lies there, and what it warns of. */
  function warning() {
    const { logger, told } = new Warnings();
    return { store: new FileStore(join(folder, 'features.jsonl'), 'user_id', logger, () => nowMs), told };
  }

  test('an entity has the features of its line, as far as the view names them', async () => {
    const store = lines({ user_id: 'a', age: 30, city: 'Oslo', shoe: 44 }, '', { user_id: 7, age: 8, city: null });
    const [a, seven, none] = await store.read(USER, ['a', '7', 'b']);
    expect([plain(a), plain(seven), none]).toEqual([{ age: 30, city: 'Oslo' }, { age: 8 }, undefined]);
  });

  test('of several lines the one with the latest timestamp counts', async () => {
    const store = lines(
      { user_id: 'a', age: 31, event_timestamp: '2026-01-02T00:00:00Z' },
      { user_id: 'a', age: 30, event_timestamp: '2026-01-01T00:00:00Z' },
    );
    const [a] = await store.read(USER, ['a']);
    expect([plain(a), a?.updatedMs]).toEqual([{ age: 31 }, Date.UTC(2026, 0, 2)]);
  });

  test('without timestamps the last line counts', async () => {
    const [a] = await lines({ user_id: 'a', age: 30 }, { user_id: 'a', age: 31 }).read(USER, ['a']);
    expect(plain(a)).toEqual({ age: 31 });
  });

  test.each([
    ['no JSON', '{"user_id":', 'features.jsonl:2 is not JSON'],
    ['no object', '[1]', 'features.jsonl:2 is not an object'],
    ['no entity', '{"age":1}', "row 2 has no text or number 'user_id'"],
  ])('a line with %s is named', async (_, line, message) => {
    await expect(lines({ user_id: 'a' }, line).read(USER, ['a'])).rejects.toThrow(message);
  });

  test('a name that every object inherits is no feature of the row', async () => {
    const view = { ...USER, rules: USER.rules.map((rule) => ({ ...rule, name: 'constructor' })) };
    const [a] = await lines({ user_id: 'a' }).read(view, ['a']);
    expect(plain(a)).toEqual({});
  });

  test('a file that is not there yet is looked for again', async () => {
    const store = new FileStore(join(folder, 'features.jsonl'), 'user_id', SILENT, () => nowMs);
    await expect(store.read(USER, ['a'])).rejects.toThrow('features.jsonl cannot be read');
    lines({ user_id: 'a', age: 1 });
    nowMs = 1000;
    expect(plain((await store.read(USER, ['a']))[0])).toEqual({ age: 1 });
  });

  test('a changed file is read again, a broken one is not taken', async () => {
    // GIVEN a file that was read
    lines({ user_id: 'a', age: 1 });
    const { store, told } = warning();
    await store.read(USER, ['a']);
    const ageLater = async () => {
      nowMs += 1000;
      return plain((await store.read(USER, ['a']))[0]);
    };
    // WHEN it changes for the better, then for the worse
    lines({ user_id: 'a', age: 22 });
    await eventually(ageLater, (features) => JSON.stringify(features) === '{"age":22}');
    lines({ user_id: 'a', age: 333 }, 'no JSON');
    await eventually(ageLater, () => told.length > 0);
    // THEN the good one stays
    expect(await ageLater()).toEqual({ age: 22 });
  });

  test('a file that cannot be read is warned of once, and again once it is another matter', async () => {
    // GIVEN a file that is not there for many seconds
    const { store, told } = warning();
    const readLater = async () => {
      nowMs += 1000;
      await store.read(USER, ['a']).catch(() => undefined);
    };
    for (let second = 0; second < 5; second++) await readLater();
    expect(told).toMatchObject([{ msg: 'a feature file cannot be read', reason: expect.stringContaining('ENOENT') }]);
    // WHEN it comes, breaks, is mended and breaks again, each for many looks
    const ageLater = async () => {
      await readLater();
      return plain((await store.read(USER, ['a']))[0]);
    };
    lines({ user_id: 'a', age: 1 });
    expect(await ageLater()).toEqual({ age: 1 });
    lines('no JSON');
    await eventually(readLater, () => told.length === 2);
    for (let second = 0; second < 5; second++) await readLater();
    lines({ user_id: 'a', age: 22 });
    await eventually(ageLater, (features) => JSON.stringify(features) === '{"age":22}');
    lines('no JSON at all');
    await eventually(readLater, () => told.length === 3);
    // THEN each matter is told once
    expect(told.map(({ reason }) => reason)).toEqual([
      expect.stringContaining('ENOENT'),
      expect.stringContaining('features.jsonl:1 is not JSON'),
      expect.stringContaining('features.jsonl:1 is not JSON'),
    ]);
  });

  test('Parquet is read as it is written', async () => {
    // GIVEN columns of all kinds, integers of 64 bits and time among them
    const path = join(folder, 'features.parquet');
    const buffer = parquetWriteBuffer({
      columnData: [
        { name: 'user_id', data: ['a', 'b'], type: 'STRING' },
        { name: 'age', data: [30n, 40n], type: 'INT64' },
        { name: 'member', data: [true, null], type: 'BOOLEAN' },
        { name: 'event_timestamp', data: [new Date(1000), new Date(2000)], type: 'TIMESTAMP' },
      ],
    });
    writeFileSync(path, Buffer.from(buffer));
    const [a, b] = await new FileStore(path, 'user_id', SILENT, () => nowMs).read(USER, ['a', 'b']);
    expect([plain(a), plain(b), b?.updatedMs]).toEqual([{ age: 30, member: true }, { age: 40 }, 2000]);
  });

  test('a file that is no Parquet is refused', async () => {
    writeFileSync(join(folder, 'features.parquet'), 'no parquet');
    const store = new FileStore(join(folder, 'features.parquet'), 'user_id', SILENT, () => nowMs);
    await expect(store.read(USER, ['a'])).rejects.toThrow('features.parquet cannot be read');
  });
});
