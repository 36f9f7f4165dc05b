import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { headroom } from '../../support/command-line';

const MODELS = join(__dirname, '../../fixtures/models');

let folder: string;
let source: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'headroom-export-test-'));
  source = join(folder, 'Sums v2.txt');
  writeFileSync(source, 'a saved model');
});
afterEach(() => rmSync(folder, { recursive: true }));

/**
 * A program that speaks as the Python script does: it "converts" by copying a model, by default one that adds two inputs,
 * and answers as the original of that model would, or with `error` more. Real converters need packages that are not
 * installed for tests.
 */
function python({ error = 0, says = '', model = 'add', takesDoubles = false, facts = {} } = {}): string {
  const path = join(folder, 'python');
  writeFileSync(
    path,
    `#!${process.execPath}
const { copyFileSync, readFileSync, writeFileSync } = require('node:fs');
const task = JSON.parse(readFileSync(0, 'utf8'));
const say = (line) => console.log(JSON.stringify(line));
const store = (name, values, width = 3) => {
  const file = task.folder + '/' + name;
  writeFileSync(file, new Float32Array(values));
  return { file, datatype: 'FP32', shape: [values.length / width, width] };
};
const sums = (rows, i) => {
  const numbers = Array.from({ length: rows * 3 }, (_, j) => j / 7);
  const inputs = { a: store(i + 'a', numbers), b: store(i + 'b', numbers) };
  const sum = store(i + 's', numbers.map((x) => 2 * x + ${error}));
  return { inputs, outputs: { sum, difference: store(i + 'd', numbers.map(() => 0)) } };
};
/** x - x.mean(0) */
const centred = (rows, i) => {
  const numbers = Array.from({ length: rows * 4 }, (_, j) => j / 7);
  const mean = (column) => numbers.filter((_, j) => j % 4 === column).reduce((sum, x) => sum + x, 0) / rows;
  const y = numbers.map((x, j) => x - mean(j % 4));
  return { inputs: { x: store(i + 'x', numbers, 4) }, outputs: { y: store(i + 'y', y, 4) } };
};
if (${JSON.stringify(says)}) say(${says === '' ? '{}' : says});
else if (task.method === 'convert') {
  copyFileSync('${MODELS}/${model}.onnx', task.output);
  say({ result: { framework: 'Sums', kind: 'Sum', tools: { sums: '1.0' }, takesDoubles: ${takesDoubles}, ...${JSON.stringify(facts)} } });
} else {
  writeFileSync('${folder}/given.json', JSON.stringify(task.given));
  say({ result: { requests: task.batches.map(${model === 'center' ? 'centred' : 'sums'}) } });
}
`,
  );
  chmodSync(path, 0o755);
  return path;
}

function run(executable: string, ...flags: string[]) {
  return headroom('export', source, '--models', join(folder, 'models'), '--python', executable, ...flags);
}

describe('headroom export', () => {
  test('puts a model that answers as the original into the repository, with an example', async () => {
    const { stdout, code } = await run(python(), '--json');
    expect(code).toBe(0);
    const directory = join(folder, 'models/sums-v2');
    expect(JSON.parse(stdout)).toMatchObject({
      model: 'sums-v2',
      version: 1,
      check: { randomRows: 256, outputs: [{ name: 'sum', differingRows: 0 }, { name: 'difference' }] },
      written: ['1/model.onnx', 'model.yaml', 'example.json'].map((name) => join(directory, name)),
    });
    expect(readFileSync(join(directory, '1/model.onnx'))).toEqual(readFileSync(join(MODELS, 'add.onnx')));
    expect(JSON.parse(readFileSync(join(directory, 'example.json'), 'utf8')).inputs).toHaveLength(2);
    expect(readdirSync(join(folder, 'models'))).toEqual(['sums-v2']);
  });

  test('adds a version to a model that is there, and leaves the rest as it was', async () => {
    const directory = join(folder, 'models/sums-v2');
    mkdirSync(join(directory, '4'), { recursive: true });
    writeFileSync(join(directory, 'model.yaml'), 'description: ours\n');
    const { stdout } = await run(python(), '--json');
    expect(JSON.parse(stdout).version).toBe(5);
    expect(readFileSync(join(directory, 'model.yaml'), 'utf8')).toBe('description: ours\n');
    expect(readdirSync(directory).sort()).toEqual(['4', '5', 'model.yaml']);
  });

  test('describes a model whose folder was there, but nothing in it', async () => {
    const directory = join(folder, 'models/sums-v2');
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, 'example.json'), 'ours');
    expect((await run(python())).code).toBe(0);
    expect(readdirSync(directory).sort()).toEqual(['1', 'example.json', 'model.yaml']);
    expect(readFileSync(join(directory, 'example.json'), 'utf8')).toBe('ours');
  });

  test('describes no model whose older versions have no description, and says so', async () => {
    const directory = join(folder, 'models/sums-v2');
    mkdirSync(join(directory, '1'), { recursive: true });
    const { stdout } = await run(python());
    expect(readdirSync(directory).sort()).toEqual(['1', '2']);
    expect(stdout).toContain('no model.yaml was written: the older versions have none');
  });

  test('writes nothing where the answers differ, and says by how much', async () => {
    const { stdout, code } = await run(python({ error: 0.01 }));
    expect(code).toBe(1);
    expect(stdout).toMatch(/^sum {2,}0\.010 +[1-9][0-9]*$/m);
    expect(stdout).toContain('its answers differ from those of the original; nothing was written');
    expect(existsSync(join(folder, 'models'))).toBe(false);
  });

  test('accepts what the tolerance allows', async () => {
    expect((await run(python({ error: 0.01 }), '--tolerance', '0.02')).code).toBe(0);
  });

  test('refuses a version whose columns come in another order than model.yaml has them', async () => {
    // GIVEN a model that is described, and one that was trained on its columns in another order
    const directory = join(folder, 'models/sums-v2');
    mkdirSync(join(directory, '1'), { recursive: true });
    const features = ['age', 'tenure', 'spend', 'calls'].map((name) => `{name: ${name}, type: number}`);
    writeFileSync(join(directory, 'model.yaml'), `features: [${features.join(', ')}]\n`);
    const facts = { features: ['calls', 'spend', 'tenure', 'age'] };
    // WHEN it is exported under the same name
    const { stdout, code } = await run(python({ model: 'center', facts }));
    // THEN nothing is written, and both orders are told
    expect(code).toBe(1);
    expect(stdout).toContain('its columns are [calls, spend, tenure, age], but ');
    expect(stdout).toContain('model.yaml has the features [age, tenure, spend, calls]: train it with the columns');
    expect(readdirSync(directory).sort()).toEqual(['1', 'model.yaml']);
  });

  test.each([
    [true, 'FP64'],
    [false, 'FP32'],
  ])('asks the original for rows as it takes them (doubles: %s)', async (takesDoubles, datatype) => {
    // GIVEN a row whose numbers FP32 would round
    const rows = join(folder, 'rows.jsonl');
    writeFileSync(rows, '{"a":[0.1,0.2,0.3],"b":[1,2,3]}\n');
    // WHEN a model is exported with it
    await run(python({ takesDoubles }), '--data', rows);
    // THEN its original is asked for doubles if it takes them
    const [given] = JSON.parse(readFileSync(join(folder, 'given.json'), 'utf8'));
    expect(given).toMatchObject({ a: { datatype, shape: [1, 3] }, b: { datatype } });
  });

  test('refuses an export that the runtime does not load, in one sentence', async () => {
    const { stdout, code } = await run(python({ model: 'not_a_model' }));
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /^not exported: .*: the runtime that would serve its export refuses that: .*; nothing was written$/m,
    );
  });

  test('refuses a model whose rows cannot be batched', async () => {
    const { stdout, code } = await run(python({ model: 'fixed' }));
    expect(code).toBe(1);
    expect(stdout).toContain('rows cannot be batched: ');
  });

  test('refuses a model that mixes rows, though it answers as the original does', async () => {
    const { stdout, code } = await run(python({ model: 'center' }));
    expect(code).toBe(1);
    expect(stdout).toContain('rows cannot be batched: two rows together give other outputs than each alone');
    expect(existsSync(join(folder, 'models'))).toBe(false);
  });

  test('tells why a converter cannot convert the model', async () => {
    const { stdout, code } = await run(python({ says: "{ result: { failure: 'no operator for Sum' } }" }));
    expect({ code, stdout }).toMatchObject({ code: 1, stdout: expect.stringContaining('no operator for Sum') });
  });

  test('says what to install where the script misses something', async () => {
    const { stderr, code } = await run(python({ says: "{ error: 'needs sums: pip install sums' }" }));
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('needs sums: pip install') });
  });

  test('says where Python is missing', async () => {
    const { stderr, code } = await run(join(folder, 'nowhere'));
    expect(stderr).toContain(
      `there is no Python ${join(folder, 'nowhere')}; name the one that has the model's packages`,
    );
    expect(code).toBe(2);
  });

  test('keeps a model.yaml that does not fit the export, and adds nothing to it', async () => {
    const directory = join(folder, 'models/sums-v2');
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, 'model.yaml'), 'features: [{name: x, type: number, input: c}]\n');
    const { stderr, code } = await run(python());
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('model.yaml') });
    expect(readdirSync(directory)).toEqual(['model.yaml']);
  });

  test.each([
    ['--opset', '12', "--opset is '12', expected a whole number from 13 to 25"],
    ['--opset', '99', "--opset is '99', expected a whole number from 13 to 25"],
    ['--tolerance', '2', "--tolerance is '2', expected a number from 0 to below 1"],
    ['--name', '../x', "--name is '../x', expected lower-case letters, digits and hyphens"],
    ['--input', 'x', "--input is 'x', expected a form such as"],
  ])('refuses %s %s', async (flag, value, message) => {
    const { stderr, code } = await run('python3', flag, value);
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining(message) });
  });

  test('warns that a pickle runs code', async () => {
    source = join(folder, 'm.pkl');
    writeFileSync(source, '');
    expect((await run(python())).stderr).toMatch(/^warning: loading .*m\.pkl runs the code in it/);
  });

  test('tells the command that serves what was written', async () => {
    expect((await run(python())).stdout).toMatch(/\n\nnext: headroom serve --models \S+\/models\n$/);
    expect((await run(python({ error: 1 }))).stdout).not.toContain('next:');
  });

  test('leaves an ONNX file to headroom init', async () => {
    source = join(folder, 'my model.onnx');
    writeFileSync(source, '');
    const { stderr, code } = await run(python());
    expect({ code, stderr }).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/headroom init '.*onnx' takes it/),
    });
  });

  test.each([
    ['text', 'churn\nof 500 customers\n', 'is no joblib or pickle file, expected a saved model'],
    ['nothing', '', 'is no joblib or pickle file, expected a saved model'],
    ['half a pickle', '\x80\x04\x95', 'cannot be loaded as a joblib or pickle file: '],
  ])('tells in one sentence that %s is no saved model', async (_, content, message) => {
    source = join(folder, 'm.joblib');
    writeFileSync(source, content, 'latin1');
    const { stderr, code } = await run('python3');
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining(`error: ${source} ${message}`) });
  });

  test('refuses a source that is not there', async () => {
    const { stderr, code } = await headroom('export', 'nowhere.pkl');
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('nowhere.pkl does not exist') });
  });
});
