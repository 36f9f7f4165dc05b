import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { UsageError } from '../../cli/errors';
import { initCommand } from '../../cli/init';
import { initialise } from '../../cli/init/init';
import { nameFrom } from '../../cli/init/layout';
import { renderDescription, renderSpec } from '../../cli/init/render';
import { chooseUseCase, parseUseCase } from '../../cli/init/use-case';
import { loadSpec, parseSpec } from '../../lib/spec/load';
import { USE_CASE_NAMES, type UseCaseName } from '../../lib/spec/use-cases';
import { parseModelDescription } from '../../service/model/description';
import { compileFeatures } from '../../service/model/features';
import { compileImage } from '../../service/model/image';
import { scanRepository } from '../../service/repository/scan';
import { inspectModel } from '../../service/runtime/inspect';

const root = join(__dirname, '../..');
const fraudModel = join(root, 'models/fraud-detection/1/model.onnx');
const imageModel = join(root, 'models/image-classification/1/model.onnx');

const INSTALLED = {
  example: join(root, 'headroom.yaml'),
  models: join(root, 'models'),
  schema: join(root, 'schema/headroom.schema.json'),
};

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'headroom-init-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function init(modelFile?: string, inspect = inspectModel, useCase?: UseCaseName) {
  return initialise(folder, modelFile, inspect, INSTALLED, useCase);
}

function put(source: string, path: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  copyFileSync(source, join(folder, path));
}

function read(path: string): string {
  return readFileSync(join(folder, path), 'utf8');
}

/** The text with the hints that stand in its comments made part of it. */
function withHints(description: string): string {
  return description
    .replaceAll(/^# (features:|image:|prediction:| +[^ ].*)$/gm, '$1')
    .replace(/^ +(?:input|output) {2}.*$/gm, '');
}

describe('without a model', () => {
  test('the spec names the bundled models from where it is written', async () => {
    await init();
    expect(loadSpec(join(folder, 'headroom.yaml')).models.map((model) => model.folder)).toEqual(
      loadSpec(INSTALLED.example).models.map((model) => model.folder),
    );
  });

  test('the spec keeps the comments of the example', async () => {
    await init();
    expect(read('headroom.yaml')).toContain('growth: 10 # design for ten times');
  });
});

describe('with a model file from anywhere', () => {
  test('the file is copied to where it can be served from', async () => {
    put(fraudModel, 'My Scores.onnx');
    expect((await init('My Scores.onnx')).written).toEqual([
      'models/my-scores/1/model.onnx',
      'models/my-scores/model.yaml',
      'headroom.yaml',
    ]);
    expect(readFileSync(join(folder, 'models/my-scores/1/model.onnx'))).toEqual(readFileSync(fraudModel));
  });

  test('the spec leads to the copy as the service looks for it', async () => {
    put(fraudModel, 'scores.onnx');
    await init('scores.onnx');
    const [model] = loadSpec(join(folder, 'headroom.yaml')).models;
    const { models } = await scanRepository(new Map([[model?.name ?? '', model?.folder ?? '']]));
    expect(models.get('scores')?.map(({ version }) => version)).toEqual([1]);
  });

  test('the spec tells inputs, outputs and batching of the model in comments', async () => {
    put(fraudModel, 'scores.onnx');
    await init('scores.onnx');
    expect(read('headroom.yaml')).toMatch(/^# {3}input {3}\S+ +FP32 \[\w+, \d+\]$/m);
    expect(read('headroom.yaml')).toMatch(/any number of rows/);
  });

  test('the model.yaml is right as written', async () => {
    put(fraudModel, 'm.onnx');
    await init('m.onnx');
    expect(parseModelDescription(read('models/m/model.yaml'), 'model.yaml').description).toBe('m');
  });

  test('a use case that was guessed is called a guess where it stands', async () => {
    put(fraudModel, 'm.onnx');
    const { model } = await init('m.onnx');
    expect(model?.useCase.guessedFrom).toBe('the file does not tell what the model is for');
    expect(read('headroom.yaml')).toContain(
      'useCase: fraud-detection # a guess, the file does not tell what the model is for: put your own here\n',
    );
  });

  test('a use case that was given stands in both files, and is no guess', async () => {
    put(fraudModel, 'm.onnx');
    await init('m.onnx', inspectModel, 'search-ranking');
    expect(read('headroom.yaml')).toContain('useCase: search-ranking\n');
    expect(read('models/m/model.yaml')).toMatch(/^useCase: search-ranking$/m);
  });

  test('the hints of its model.yaml fit a model that takes features', async () => {
    put(fraudModel, 'm.onnx');
    const { model } = await init('m.onnx');
    const description = parseModelDescription(withHints(read('models/m/model.yaml')), 'model.yaml');
    expect(description).toMatchObject({ features: expect.any(Array), prediction: { type: 'classification' } });
    expect(() => compileFeatures(description, model?.signature ?? { inputs: [], outputs: [] })).not.toThrow();
  });

  test('the hints of its model.yaml fit a model that takes images', async () => {
    put(imageModel, 'm.onnx');
    const { model } = await init('m.onnx');
    const description = parseModelDescription(withHints(read('models/m/model.yaml')), 'model.yaml');
    expect(description).toMatchObject({ image: { width: 28, height: 28, channels: 1 }, prediction: expect.anything() });
    expect(() => compileImage(description, model?.signature ?? { inputs: [], outputs: [] })).not.toThrow();
  });

  test('a model that takes images is taken for image classification', async () => {
    put(imageModel, 'm.onnx');
    await init('m.onnx');
    expect(loadSpec(join(folder, 'headroom.yaml')).models[0]?.useCase).toBe('image-classification');
  });

  test('a file called model.onnx takes the name of its folder', async () => {
    put(fraudModel, 'Credit Risk/model.onnx');
    expect((await init('Credit Risk/model.onnx')).model?.name).toBe('credit-risk');
  });
});

describe('with a model that is laid out for serving', () => {
  test('only the spec is written, and its path leads to the model', async () => {
    put(fraudModel, 'repo/Fraud_2/3/model.onnx');
    expect((await init('repo/Fraud_2/3/model.onnx')).written).toEqual(['headroom.yaml']);
    expect(loadSpec(join(folder, 'headroom.yaml')).models).toMatchObject([
      { name: 'fraud-2', folder: join(folder, 'repo/Fraud_2') },
    ]);
  });

  test('the use case of its model.yaml is taken', async () => {
    put(fraudModel, 'repo/ranker/1/model.onnx');
    writeFileSync(join(folder, 'repo/ranker/model.yaml'), 'useCase: search-ranking\n');
    expect((await init('repo/ranker/1/model.onnx')).model?.useCase).toEqual({
      name: 'search-ranking',
      guessedFrom: null,
    });
  });

  test('a model outside of the folder is named by a path that leads out', async () => {
    await init(fraudModel);
    expect(loadSpec(join(folder, 'headroom.yaml')).models[0]?.folder).toBe(join(root, 'models/fraud-detection'));
  });
});

describe('what is there already', () => {
  test('a spec is named and kept', async () => {
    writeFileSync(join(folder, 'headroom.yaml'), 'mine');
    await expect(init()).rejects.toThrow('headroom.yaml exists already and is not overwritten');
    expect(read('headroom.yaml')).toBe('mine');
  });

  test('a spec that is there is kept, and where the model goes in it is told', async () => {
    writeFileSync(join(folder, 'headroom.yaml'), 'mine');
    put(fraudModel, 'm.onnx');
    await expect(init('m.onnx')).rejects.toThrow(
      /copy the file to models\/m\/1\/model.onnx and add the model below its models, such as {2}m: \{useCase: /,
    );
    expect([read('headroom.yaml'), existsSync(join(folder, 'models'))]).toEqual(['mine', false]);
  });

  test('a model folder is named and kept, and nothing is written', async () => {
    put(fraudModel, 'm.onnx');
    mkdirSync(join(folder, 'models/m'), { recursive: true });
    await expect(init('m.onnx')).rejects.toThrow('models/m exists already and is not overwritten');
    expect(existsSync(join(folder, 'headroom.yaml'))).toBe(false);
  });
});

describe('a model that cannot be used', () => {
  test.each([
    ['absent.onnx', /^cannot use absent.onnx: it does not exist$/],
    ['.', /^cannot use \.: it is a folder, expected a file such as model.onnx$/],
    ['broken.onnx', /^cannot use broken.onnx: the file cannot be loaded as an ONNX model: /],
    [
      'empty.onnx',
      /^cannot use empty.onnx: the file cannot be loaded as an ONNX model: ModelProto does not have a graph\.$/,
    ],
  ])('%s is named with the reason', async (path, message) => {
    writeFileSync(join(folder, 'broken.onnx'), 'no model');
    writeFileSync(join(folder, 'empty.onnx'), '');
    await expect(init(path)).rejects.toThrow(message);
    await expect(init(path)).rejects.toBeInstanceOf(UsageError);
    expect(readdirSync(folder).sort()).toEqual(['broken.onnx', 'empty.onnx']);
  });

  test('because its weights lie beside it leaves nothing behind and tells what to do', async () => {
    put(fraudModel, 'large.onnx');
    const inspectBeside = (path: string) =>
      path.endsWith('large.onnx') ? inspectModel(path) : Promise.reject(new Error('weights not found'));
    await expect(init('large.onnx', inspectBeside)).rejects.toThrow(
      /copy it as model.onnx with the files that belong to it to models\/large\/1\//,
    );
    expect(readdirSync(folder)).toEqual(['large.onnx']);
  });
});

test('a use case that there is none of is told with those there are', () => {
  expect(() => parseUseCase('fraud-detecton')).toThrow(
    "--use-case is 'fraud-detecton', expected one of recommendations, search-ranking, fraud-detection, image-classification, batch-predictions (did you mean fraud-detection?)",
  );
});

describe('names', () => {
  test.each([
    ['Fraud_Model v2', 'fraud-model-v2'],
    ['2024-model', 'model'],
    ['ünïcode', 'n-code'],
    ['***', 'model'],
    ['x'.repeat(100), 'x'.repeat(63)],
  ])('%s becomes %s', (text, name) => {
    expect(nameFrom(text)).toBe(name);
  });
});

const tensor = fc.record({
  name: fc.oneof(fc.string(), fc.constantFrom('a\nname: b', '# x', '1', 'true', '__proto__', 'a: b', '\u2028')),
  datatype: fc.constantFrom('FP32', 'INT64', 'BYTES', 'BOOL'),
  shape: fc.array(fc.oneof(fc.integer({ min: 0, max: 50 }), fc.string()), { maxLength: 5 }),
});

test('whatever a model file declares, the files written from it are right', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.constantFrom('true', 'null', 'no')),
      fc.string({ minLength: 1 }),
      fc.array(tensor),
      fc.array(tensor),
      fc.option(fc.constantFrom(...USE_CASE_NAMES), { nil: undefined }),
      (name, path, inputs, outputs, said) => {
        const signature = { inputs, outputs };
        const useCase = chooseUseCase(signature, said);
        const model = { name: nameFrom(name), path: `models/${path}`, signature, useCase };
        const spec = parseSpec(renderSpec(model, '../schema/headroom.schema.json'), '/specs/headroom.yaml');
        expect(spec.models.map((one) => one.name)).toEqual([model.name]);
        expect(spec.models[0]?.useCase).toBe(useCase.name);
        expect(parseModelDescription(renderDescription(model), 'model.yaml').useCase).toBe(said);
      },
    ),
    { numRuns: 300 },
  );
});

test('the command writes into the current folder and tells what as JSON', async () => {
  const before = process.cwd();
  const lines: string[] = [];
  const write = process.stdout.write;
  process.chdir(folder);
  process.stdout.write = (chunk: string | Uint8Array) => lines.push(String(chunk)) > 0;
  try {
    await initCommand(inspectModel).parseAsync(['--json', fraudModel], { from: 'user' });
  } finally {
    process.stdout.write = write;
    process.chdir(before);
  }
  expect(JSON.parse(lines.join(''))).toMatchObject({ written: ['headroom.yaml'], model: { name: 'fraud-detection' } });
});
