import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { UsageError } from '../../../cli/errors';
import { nextVersion, place } from '../../../cli/model-folder/place';

let folder: string;
let directory: string;
let modelPath: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'headroom-place-'));
  directory = join(folder, 'models/churn');
  modelPath = join(folder, 'made.onnx');
  writeFileSync(modelPath, 'a model');
});
afterEach(() => rmSync(folder, { recursive: true }));

const READABLE_BY_ALL = 0o555;
const SIGNAL = new AbortController().signal;

describe('a version is placed', () => {
  test('with its files, into a folder that is made for it', async () => {
    const written = await place(
      directory,
      { version: { number: 1, modelPath }, files: { 'model.yaml': 'useCase: x\n' } },
      SIGNAL,
    );
    expect(written).toEqual([join(directory, '1/model.onnx'), join(directory, 'model.yaml')]);
    expect(written.map((path) => readFileSync(path, 'utf8'))).toEqual(['a model', 'useCase: x\n']);
    expect(readdirSync(join(folder, 'models'))).toEqual(['churn']);
  });

  test('beside those that are there, and its files in the place of theirs', async () => {
    mkdirSync(join(directory, '1'), { recursive: true });
    writeFileSync(join(directory, 'model.yaml'), 'old');
    await place(directory, { version: { number: 2, modelPath }, files: { 'model.yaml': 'new' } }, SIGNAL);
    expect(readdirSync(directory).sort()).toEqual(['1', '2', 'model.yaml']);
    expect(readFileSync(join(directory, 'model.yaml'), 'utf8')).toBe('new');
  });

  test.each([true, false])(
    'so that the service may read it, whoever it runs as (the model is known: %s)',
    async (isKnown) => {
      if (isKnown) mkdirSync(directory, { recursive: true });
      await place(directory, { version: { number: 1, modelPath }, files: {} }, SIGNAL);
      expect(statSync(join(directory, '1')).mode & READABLE_BY_ALL).toBe(READABLE_BY_ALL);
    },
  );

  test('although somebody who was stopped has left a hidden folder', async () => {
    mkdirSync(join(directory, `.headroom-adopt-${process.pid}`), { recursive: true });
    await place(directory, { version: { number: 1, modelPath }, files: {} }, SIGNAL);
    expect(existsSync(join(directory, '1/model.onnx'))).toBe(true);
  });
});

describe('nothing is placed', () => {
  test('over a version that is there, and nothing else is changed', async () => {
    mkdirSync(join(directory, '1'), { recursive: true });
    writeFileSync(join(directory, 'model.yaml'), 'old');
    const again = () => place(directory, { version: { number: 1, modelPath }, files: { 'model.yaml': 'new' } }, SIGNAL);
    await expect(again()).rejects.toThrow(
      `${join(directory, '1')} has been made meanwhile, by somebody else: try again`,
    );
    expect(readFileSync(join(directory, 'model.yaml'), 'utf8')).toBe('old');
    expect(readdirSync(directory).sort()).toEqual(['1', 'model.yaml']);
  });

  test('where a file is in the way of the folder, and one sentence says so', async () => {
    writeFileSync(join(folder, 'models'), '');
    await expect(place(directory, { version: { number: 1, modelPath }, files: {} }, SIGNAL)).rejects.toThrow(
      new UsageError(`cannot write to ${directory}: a file of that name is in its way`),
    );
  });
});

describe('an interrupt while a version is copied', () => {
  test.each([true, false])('leaves everything as it was (the model is known: %s)', async (isKnown) => {
    if (isKnown) mkdirSync(directory, { recursive: true });
    const interrupt = new AbortController();
    const placing = place(
      directory,
      { version: { number: 1, modelPath }, files: { 'model.yaml': 'new' } },
      interrupt.signal,
    );
    const begun = readdirSync(isKnown ? directory : join(folder, 'models'));
    // WHEN
    interrupt.abort();
    // THEN
    await expect(placing).rejects.toMatchObject({ name: 'AbortError' });
    expect(begun).toEqual([expect.stringMatching(/^\.headroom-/)]);
    expect(readdirSync(folder).sort()).toEqual(isKnown ? ['made.onnx', 'models'] : ['made.onnx']);
    if (isKnown) expect(readdirSync(directory)).toEqual([]);
  });

  test('keeps a folder into which somebody else has put something meanwhile', async () => {
    const interrupt = new AbortController();
    const placing = place(directory, { version: { number: 1, modelPath }, files: {} }, interrupt.signal);
    writeFileSync(join(folder, 'models/theirs'), '');
    interrupt.abort();
    await expect(placing).rejects.toMatchObject({ name: 'AbortError' });
    expect(readdirSync(join(folder, 'models'))).toEqual(['theirs']);
  });
});

test('the next version is after the newest folder of digits', () => {
  for (const name of ['2', '10', 'notes', '.3']) mkdirSync(join(directory, name), { recursive: true });
  expect(nextVersion(directory)).toBe(11);
});
