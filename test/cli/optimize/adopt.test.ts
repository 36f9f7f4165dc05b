import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { adopt, withChanges } from '../../../cli/optimize/adopt';
import { parseModelDescription } from '../../../service/model/description';
import { type ModelSource, scanRepository } from '../../../service/repository/scan';
import { loadServedModel } from '../../../service/repository/served-model';
import { provenanceOf } from '../../support/provenance';

const ROOT = join(__dirname, '../../..');
const MODEL = join(ROOT, 'models/recommendations');
const DIGEST = 'a'.repeat(64);

const { version: _, digest: __, ...ORIGIN } = provenanceOf(DIGEST, DIGEST);
const SIGNAL = new AbortController().signal;

let repository: string;
let directory: string;
beforeEach(() => {
  repository = mkdtempSync(join(tmpdir(), 'headroom-adopt-'));
  directory = join(repository, 'recommendations');
  cpSync(MODEL, directory, { recursive: true });
});
afterEach(() => rmSync(repository, { recursive: true }));

async function newest(): Promise<ModelSource> {
  const { models } = await scanRepository(repository);
  const [source] = models.get('recommendations') ?? [];
  if (source === undefined) throw new Error('the model is gone');
  return source;
}

describe('adopting a file', () => {
  test('makes it the next version, with where it comes from', async () => {
    const before = readFileSync(join(directory, '1/model.onnx'));
    const file = { path: join(MODEL, '1/model.onnx'), origin: ORIGIN };
    // WHEN a file is adopted
    const { version } = await adopt(await newest(), { runtime: { maxBatch: 8, intraOpThreads: 1 }, file }, SIGNAL);
    // THEN it is version 2, and the original is what it was
    expect(version).toBe(2);
    expect((await newest()).version).toBe(2);
    expect(readFileSync(join(directory, '1/model.onnx'))).toEqual(before);
    const text = readFileSync(join(directory, 'model.yaml'), 'utf8');
    const { provenance, runtime } = parseModelDescription(text, 'model.yaml');
    expect(provenance).toEqual([{ version: 2, digest: expect.stringMatching(/^[0-9a-f]{64}$/), ...ORIGIN }]);
    expect(runtime).toMatchObject({ executor: 'inline', maxBatch: 8, intraOpThreads: 1 });
    expect(readdirSync(directory).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  test('twice keeps the provenance of both', async () => {
    const file = { path: join(MODEL, '1/model.onnx'), origin: ORIGIN };
    await adopt(await newest(), { runtime: {}, file }, SIGNAL);
    await adopt(await newest(), { runtime: {}, file }, SIGNAL);
    const { provenance } = parseModelDescription(readFileSync(join(directory, 'model.yaml'), 'utf8'), 'model.yaml');
    expect(provenance?.map(({ version }) => version)).toEqual([2, 3]);
  });

  test('that is not there leaves everything as it was', async () => {
    const before = readFileSync(join(directory, 'model.yaml'), 'utf8');
    const file = { path: join(repository, 'gone.onnx'), origin: ORIGIN };
    await expect(adopt(await newest(), { runtime: {}, file }, SIGNAL)).rejects.toThrow('ENOENT');
    expect(readFileSync(join(directory, 'model.yaml'), 'utf8')).toBe(before);
    expect(existsSync(join(directory, '2'))).toBe(false);
    expect(readdirSync(directory).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  test('that is interrupted leaves everything as it was', async () => {
    const before = readFileSync(join(directory, 'model.yaml'), 'utf8');
    const file = { path: join(MODEL, '1/model.onnx'), origin: ORIGIN };
    const interrupt = new AbortController();
    // WHEN an interrupt comes while the file is copied
    const adopting = adopt(await newest(), { runtime: {}, file }, interrupt.signal);
    interrupt.abort();
    // THEN
    await expect(adopting).rejects.toMatchObject({ name: 'AbortError' });
    expect(readFileSync(join(directory, 'model.yaml'), 'utf8')).toBe(before);
    expect(readdirSync(directory).sort()).toEqual(readdirSync(MODEL).sort());
  });

  test('for a model.yaml that is wrong changes nothing and says its line', async () => {
    writeFileSync(join(directory, 'model.yaml'), 'descripton: mistyped\n');
    const file = { path: join(MODEL, '1/model.onnx'), origin: ORIGIN };
    await expect(adopt(await newest(), { runtime: {}, file }, SIGNAL)).rejects.toThrow('descripton');
    expect(existsSync(join(directory, '2'))).toBe(false);
  });

  test('for a model without model.yaml writes one', async () => {
    rmSync(join(directory, 'model.yaml'));
    await adopt(await newest(), { runtime: { maxBatch: 8 }, file: undefined }, SIGNAL);
    expect(readFileSync(join(directory, 'model.yaml'), 'utf8')).toBe('runtime:\n  maxBatch: 8\n');
  });
});

test('settings that were adopted are obeyed by the service', async () => {
  // GIVEN a model of which larger batches are worth while
  await adopt(await newest(), { runtime: { maxBatch: 3, intraOpThreads: 1 } }, SIGNAL);
  // WHEN it is loaded
  const served = await loadServedModel(await newest(), { workerPath: join(ROOT, '.build/worker.js') });
  // THEN no batch is larger than what was adopted
  expect(served.runtime.maxBatchRows).toBeLessThanOrEqual(3);
  await served.runtime.close();
});

test('of a model.yaml everything but the settings stays as it is, comments too', () => {
  const text = '# ours\ndescription: "a: b"\nruntime: {executor: inline} # small\nexample: x.png\n';
  expect(withChanges(text, { runtime: { maxBatch: 4 }, provenance: undefined })).toBe(
    '# ours\ndescription: "a: b"\nruntime: {executor: inline, maxBatch: 4} # small\nexample: x.png\n',
  );
});
