import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

const ROOT = join(__dirname, '../../..');
const CLI = join(ROOT, '.build/headroom.js');
const SCALE = join(ROOT, 'test/fixtures/models/scale.onnx');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'headroom-optimize-test-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Ended {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
}

/** Runs the bundle as a person does; `during` sees all of stderr so far. */
function headroom(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  during: (stderr: string, child: ChildProcess) => void = () => undefined,
): Promise<Ended> {
  const child = spawn(process.execPath, [CLI, ...args], { env: { ...process.env, ...env }, cwd: folder });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk) => {
    stdout += String(chunk);
  });
  child.stderr.on('data', (chunk) => {
    stderr += String(chunk);
    during(stderr, child);
  });
  return new Promise((resolve) => child.on('close', (code) => resolve({ stdout, stderr, code })));
}

/** Everything below a folder with its content. */
function contentOf(directory: string): Record<string, string> {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files.map(({ parentPath, name }) => [join(parentPath, name), readFileSync(join(parentPath, name), 'base64')]),
  );
}

function modelCopy(name: string): string {
  const directory = join(folder, `models-${Math.random().toString(36).slice(2)}`, name);
  cpSync(join(ROOT, 'models', name), directory, { recursive: true });
  return directory;
}

describe('headroom optimize', () => {
  test('measures a technique against the model as it is, and tells it as JSON', async () => {
    const { stdout, code } = await headroom(['optimize', 'recommendations', '--only', 'graph-disabled', '--json']);
    expect(code).toBe(0);
    const report = JSON.parse(stdout);
    expect(report.model).toMatchObject({ name: 'recommendations', digest: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(report.candidates[0]).toMatchObject({ id: 'graph-disabled', result: { loss: 0 } });
    expect(report.candidates[0].result.figures.memoryBytes).toBeGreaterThan(0);
    expect(report.batching.points.length).toBeGreaterThan(1);
  });

  test('without Python says what is missing, and measures the rest', async () => {
    const only = 'dynamic-int8,graph-disabled';
    const { stdout, code } = await headroom(['optimize', SCALE, '--only', only, '--json'], { PATH: folder });
    expect(code).toBe(0);
    const { candidates } = JSON.parse(stdout);
    const byId = Object.fromEntries(candidates.map((one: { id: string; result: object }) => [one.id, one.result]));
    expect(byId['dynamic-int8']).toEqual({
      notMeasured: expect.stringMatching(/^needs Python 3\.11 or newer with venv: none of python3/),
      applies: true,
    });
    expect(byId['graph-disabled'].figures).toBeDefined();
  });

  test('says in its row why a technique cannot be measured, and measures the others', async () => {
    // GIVEN no rows to calibrate with, a file with other inputs, one that is no model, and no GPU
    const files = ['add', 'not_a_model'].map((name) => join(ROOT, `test/fixtures/models/${name}.onnx`));
    const only = 'static-int8,candidate-add,candidate-not_a_model,cuda,graph-disabled';
    const candidates = files.flatMap((file) => ['--candidate', file]);
    const { stdout, code } = await headroom(['optimize', SCALE, ...candidates, '--only', only, '--json']);
    // THEN
    expect(code).toBe(0);
    const report = JSON.parse(stdout);
    const byId = Object.fromEntries(
      report.candidates.map((one: { id: string; result: object }) => [one.id, one.result]),
    );
    const because = (text: string) => ({ notMeasured: expect.stringContaining(text), applies: expect.any(Boolean) });
    expect(byId).toEqual({
      'static-int8': because('needs calibration data'),
      'candidate-add': because('it changes the signature'),
      'candidate-not_a_model': because('cannot be loaded as an ONNX model'),
      cuda: because('ONNX Runtime has no cuda provider here'),
      'graph-disabled': expect.objectContaining({ figures: expect.any(Object) }),
    });
  });

  test('adopts the batch it found as a setting of model.yaml where nothing pays, and no version', async () => {
    const directory = modelCopy('recommendations');
    const args = ['optimize', directory, '--only', 'graph-disabled', '--adopt', '--json'];
    const { stdout, code } = await headroom(args);
    expect(code).toBe(0);
    const report = JSON.parse(stdout);
    expect(report.adopted).toEqual({ written: [join(directory, 'model.yaml')] });
    const knee = report.recommendedBatching.knee.rows;
    expect(readFileSync(join(directory, 'model.yaml'), 'utf8')).toContain(`maxBatch: ${knee}`);
  });

  test('that is interrupted leaves everything as it was', async () => {
    // GIVEN a model, and a folder for temporary files of its own
    const directory = modelCopy('recommendations');
    const before = contentOf(directory);
    const temporary = join(folder, 'tmp');
    mkdirSync(temporary);
    // WHEN the command is interrupted while it measures
    let sent = false;
    const args = ['optimize', directory, '--only', 'graph-disabled,graph-offline', '--adopt'];
    const { stdout, stderr, code } = await headroom(args, { TMPDIR: temporary }, (text, child) => {
      if (sent || !text.includes('measuring, round 1')) return;
      sent = true;
      child.kill('SIGINT');
    });
    // THEN it says so, and nothing is left of it
    expect(stderr).toContain('interrupted, nothing was changed');
    expect({ stdout, code }).toEqual({ stdout: '', code: 130 });
    expect(contentOf(directory)).toEqual(before);
    expect(readdirSync(temporary).filter((name) => name.startsWith('headroom'))).toEqual([]);
  });
});

describe('headroom optimize refuses', () => {
  const file = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };

  test.each([
    ['an unknown technique', () => [SCALE, '--only', 'magic'], "--only has 'magic', expected some of graph-disabled"],
    ['a model that is not there', () => ['nowhere'], "MODEL is 'nowhere', expected a model's folder"],
    ['a mistyped bundled model', () => ['fraud-detecton'], 'search-ranking (did you mean fraud-detection?)'],
    ['a file that is no model', () => [file('no.onnx', 'x')], 'no: the file cannot be loaded as an ONNX model'],
    ['to adopt for a lone file', () => [SCALE, '--adopt'], '--adopt needs a model in its folder'],
    ['a loss that is none', () => [SCALE, '--max-loss', 'x'], "--max-loss is 'x', expected a number from 0 to 100"],
    [
      'an evaluation set without columns that the model needs',
      () => ['fraud-detection', '--data', file('few.csv', 'age,label\n41,1\n')],
      'few.csv has no column for: seniority, time, records, expenses, amount, price; it has: age',
    ],
    [
      'a value that does not fit its feature',
      () => ['recommendations', '--data', file('bad.csv', 'fruit,label\nmaybe,juice\n')],
      `'fruit' is "maybe", expected true or false`,
    ],
    [
      'labels that the model does not have',
      () => ['recommendations', '--data', file('labels.csv', 'fruit,label\ntrue,gold\n')],
      'found the label "gold", expected one of bread and cake',
    ],
  ])('%s', async (_, args, message) => {
    const { stderr, code } = await headroom(['optimize', ...args()]);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });
});
