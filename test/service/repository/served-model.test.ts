import { createHash } from 'node:crypto';
import { copyFileSync, cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { parseModelDescription } from '../../../service/model/description';
import { scanRepository } from '../../../service/repository/scan';
import { compile, type ServedModel } from '../../../service/repository/served-model';
import type { TensorSignature } from '../../../service/tensor';
import { externalModel, ModelFolder, plusModel } from './model-folder';
import { amountOf, load } from './running-repository';

const BUNDLED = join(__dirname, '../../../models');

let folder: ModelFolder;
let loaded: ServedModel | undefined;
beforeEach(() => {
  folder = new ModelFolder();
});
afterEach(async () => {
  await loaded?.runtime.close();
  folder.remove();
});

async function loadNewest(name: string, path = folder.path): Promise<ServedModel> {
  const [source] = (await scanRepository(path)).models.get(name) ?? [];
  if (source === undefined) throw new Error(`${name} is not there`);
  loaded = await load(source);
  return loaded;
}

test('a model without model.yaml serves with what its file says', async () => {
  // GIVEN
  folder.addVersion('plus', 1, plusModel(1));

  // WHEN
  const model = await loadNewest('plus');

  // THEN
  expect(model).toMatchObject({
    name: 'plus',
    version: 1,
    directory: folder.pathOf('plus'),
    digest: createHash('sha256')
      .update(readFileSync(plusModel(1)))
      .digest('hex'),
    sizeBytes: readFileSync(plusModel(1)).length,
  });
  expect([model.description, model.features, model.image, model.answer]).toEqual(Array(4).fill(undefined));
  expect(await amountOf(model)).toBe(1);
});

test('external data beside the model is found, through linked folders too', async () => {
  // GIVEN
  folder.addFiles('..data/plus', 1, externalModel(1));
  folder.link('plus', '..data/plus');

  // WHEN
  const model = await loadNewest('plus');

  // THEN
  expect(await amountOf(model)).toBe(1);
});

test('each bundled model loads with its description and answers its own example', async () => {
  const names = readdirSync(BUNDLED, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  for (const { name } of names) {
    // WHEN
    const model = await loadNewest(name, BUNDLED);
    const { description, runtime, features, image, answer } = model;
    const example = description?.example;
    const inputs =
      typeof example === 'string'
        ? await image?.decode(readFileSync(join(model.directory, example)))
        : features?.encode(example?.instances);
    const outputs = answer?.outputs ?? [];
    const result = await runtime.submit({
      inputs: inputs ?? [],
      rows: 1,
      outputs,
      deadlineMs: performance.now() + 60_000,
    });

    // THEN
    expect([name, Object.keys(JSON.parse(answer?.format(result.outputs, 0) ?? '')).length]).toEqual([
      name,
      expect.any(Number),
    ]);
    await runtime.close();
  }
});

test('a mistake in model.yaml is told with its line', async () => {
  // GIVEN
  folder.addVersion('plus', 1, plusModel(1));
  folder.write('plus/model.yaml', 'description: adds one\nuseCase: soothsaying\n');

  // THEN
  await expect(loadNewest('plus')).rejects.toThrow(/^plus\/model\.yaml:2:\d+: useCase: .*soothsaying/);
});

test('all that does not fit the model is told at once, of features and of the prediction', () => {
  const text = 'features: [{name: a, type: text}]\nprediction: {type: score, output: sums}\n';
  const signature: TensorSignature = {
    inputs: [{ name: 'x', datatype: 'FP32', shape: ['n', 1] }],
    outputs: [{ name: 'sum', datatype: 'FP32', shape: ['n', 1] }],
  };
  expect(() => compile(parseModelDescription(text, 'model.yaml'), signature)).toThrow(
    "model.yaml:1:28: features[0].type: found text, but input 'x' is FP32, which takes no text\n" +
      "model.yaml:2:35: prediction.output: found 'sums', expected an output of the model: sum (did you mean sum?)",
  );
});

test('a model.yaml that does not fit the model is told with its line', async () => {
  // GIVEN
  folder.addVersion('plus', 1, plusModel(1));
  folder.write('plus/model.yaml', 'description: adds one\nfeatures:\n  - {name: only, type: number}\n');

  // THEN
  await expect(loadNewest('plus')).rejects.toThrow(/^plus\/model\.yaml:[23]:\d+: features/);
});

test('a prediction of an output that the model does not have is told with its line', async () => {
  // GIVEN
  folder.addVersion('plus', 1, plusModel(1));
  const features = 'features:\n  - {name: a, type: number}\n  - {name: b, type: number}\n';
  folder.write('plus/model.yaml', `${features}prediction: {type: score, output: z}\n`);

  // THEN
  await expect(loadNewest('plus')).rejects.toThrow(/^plus\/model\.yaml:4:\d+: prediction\.output: found 'z'/);
});

test('an example that the model does not take is told with its line', async () => {
  // GIVEN
  folder.addVersion('plus', 1, plusModel(1));
  const features = 'features:\n  - {name: a, type: number}\n  - {name: b, type: number}\n';
  folder.write('plus/model.yaml', `${features}example:\n  instances:\n    - {a: 1}\n`);

  // THEN
  await expect(loadNewest('plus')).rejects.toThrow(/^plus\/model\.yaml:[4-6]:\d+: .*'b' is missing/);
});

test('an example image that is not there is told with its line', async () => {
  // GIVEN
  cpSync(join(BUNDLED, 'image-classification'), folder.pathOf('image'), { recursive: true });
  const text = readFileSync(folder.pathOf('image', 'model.yaml'), 'utf8');
  folder.write('image/model.yaml', text.replace('example.png', 'lost.png'));

  // THEN
  await expect(loadNewest('image')).rejects.toThrow(/^image\/model\.yaml:\d+:\d+: example: ENOENT/);
});

test('a version folder without model.onnx is told so', async () => {
  // GIVEN
  folder.addVersion('plus', 1, plusModel(1));
  copyFileSync(plusModel(1), folder.pathOf('plus', '1', 'plus.onnx'));
  folder.removeFile('plus', '1', 'model.onnx');

  // THEN
  await expect(loadNewest('plus')).rejects.toThrow('the version folder has no model.onnx');
});
