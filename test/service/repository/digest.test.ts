import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { newestDigest } from '../../../lib/plan/artifact';
import { digestArtifact } from '../../../service/repository/digest';
import { scanRepository } from '../../../service/repository/scan';
import { externalModel, ModelFolder, plusModel } from './model-folder';

let folder: ModelFolder;
beforeEach(() => {
  folder = new ModelFolder();
});
afterEach(() => folder.remove());

test('the digest of a single file is its sha256, and the size its length', async () => {
  // GIVEN
  const content = readFileSync(plusModel(1));
  folder.addVersion('plus', 1, plusModel(1));

  // WHEN
  const artifact = await digestArtifact(folder.pathOf('plus', '1'), ['model.onnx']);

  // THEN
  expect(artifact).toEqual({
    digest: createHash('sha256').update(content).digest('hex'),
    sizeBytes: content.length,
  });
});

test('a file larger than one chunk is digested whole', async () => {
  // GIVEN
  const content = randomBytes(3_000_001);
  folder.write('big/1/model.onnx', content);

  // WHEN
  const artifact = await digestArtifact(folder.pathOf('big', '1'), ['model.onnx']);

  // THEN
  expect(artifact).toEqual({ digest: createHash('sha256').update(content).digest('hex'), sizeBytes: 3_000_001 });
});

test('of several files it is what sha256sum prints of its own list', async () => {
  // GIVEN
  folder.addFiles('plus', 1, externalModel(1));

  // WHEN
  const { digest } = await digestArtifact(folder.pathOf('plus', '1'), ['model.onnx', 'weights.bin']);

  // THEN
  const printed = execFileSync('sh', ['-c', 'sha256sum * | sha256sum'], { cwd: folder.pathOf('plus', '1') });
  expect(`${digest}  -\n`).toBe(printed.toString());
});

test('other weights beside an equal model.onnx are another artifact', async () => {
  // GIVEN
  folder.addFiles('plus', 1, externalModel(1));
  folder.addFiles('plus', 2, externalModel(2));

  // WHEN
  const [first, second] = await Promise.all(
    ['1', '2'].map((version) => digestArtifact(folder.pathOf('plus', version), ['model.onnx', 'weights.bin'])),
  );

  // THEN
  expect(readFileSync(folder.pathOf('plus', '1', 'model.onnx'))).toEqual(
    readFileSync(folder.pathOf('plus', '2', 'model.onnx')),
  );
  expect(first?.digest).not.toBe(second?.digest);
});

test.each([
  ['a model alone', []],
  ['a note beside the model', ['README.md']],
  ['weights beside the model', ['weights.bin', 'b.data', 'a.data']],
  ['hidden files and a folder beside the model', ['.model.onnx.swp', 'notes/a.txt']],
])('what plans and checklists compare is the digest of the newest version: %s', async (_, files) => {
  // GIVEN an older version, a folder that is none, and the newest version with its files
  folder.addVersion('plus', 2, plusModel(1));
  folder.addVersion('plus', 10, plusModel(2));
  folder.write('plus/old/model.onnx', 'no version');
  for (const file of files) folder.write(`plus/10/${file}`, file);
  // WHEN the service looks at it
  const { models } = await scanRepository(folder.path);
  const [newest] = models.get('plus') ?? [];
  const { digest } = await digestArtifact(newest?.versionDirectory ?? '', newest?.files ?? []);
  // THEN
  expect(newestDigest(folder.pathOf('plus'))).toBe(digest);
});
