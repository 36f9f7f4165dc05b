import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { IMAGE, PATHS, PORTS } from '../../lib/contract';
import { execForm, ignoredBy, pairs, parseDockerfile, stagesFor } from '../../scripts/dockerfile';

const ROOT = join(__dirname, '../..');
const text = readFileSync(join(ROOT, 'service/Dockerfile'), 'utf8').replace(/^ARG .*_IMAGE=.*$/gm, '');
const stages = parseDockerfile(text);
const image = stages.find(({ name }) => name === 'cpu');
const argumentsOf = (name: string) =>
  (image?.instructions ?? []).filter((instruction) => instruction.name === name).map(({ argument }) => argument);

describe('the image', () => {
  test('is what the manifests take it to be', () => {
    expect(argumentsOf('WORKDIR')).toEqual([IMAGE.directory]);
    expect(argumentsOf('COPY')).toContain(`models ${IMAGE.modelsFolder}/`);
    expect(argumentsOf('USER')).toEqual([`${IMAGE.userId}:${IMAGE.userId}`]);
    expect(argumentsOf('EXPOSE')).toEqual([`${PORTS.http} ${PORTS.admin}`]);
  });

  test('is for CPUs where no target is asked for, and takes nothing of CUDA', () => {
    const last = stages.at(-1)?.name ?? '';
    expect(stagesFor(last, stages).map(({ name }) => name)).toEqual(['dependencies', 'bundle', 'cpu', last]);
  });

  test('for GPUs is the one for CPUs and CUDA', () => {
    const made = stagesFor('gpu', stages).map(({ name }) => name);
    expect(made).toEqual(['dependencies', 'bundle', 'cpu', 'cuda-libraries', 'cuda-provider', 'gpu']);
    const gpu = stages.find(({ name }) => name === 'gpu');
    expect(gpu?.instructions.map(({ argument }) => pairs(argument).HEADROOM_PROVIDER)).toContain('cuda');
  });

  test('is healthy when it is ready', () => {
    expect(argumentsOf('HEALTHCHECK').join()).toContain(PATHS.ready);
  });

  test('is built without sending the engine what no step reads', () => {
    const ignored = ignoredBy(readFileSync(join(ROOT, '.dockerignore'), 'utf8'));
    expect(
      ['node_modules/a/index.js', '.git/HEAD', 'test/a.ts', 'service/main.ts'].filter((path) => !ignored(path)),
    ).toEqual(['service/main.ts']);
  });

  test('carries no recipes and no held-out data', () => {
    const ignored = ignoredBy(readFileSync(join(ROOT, '.dockerignore'), 'utf8'));
    const paths = ['models/m/recipe/train.py', 'models/m/heldout.json', 'models/m/1/model.onnx', 'models/m/model.yaml'];
    expect(paths.filter((path) => !ignored(path))).toEqual(['models/m/1/model.onnx', 'models/m/model.yaml']);
  });
});

describe('the reader of Dockerfiles', () => {
  test('joins continued lines and parts stages', () => {
    const text = '# a comment\nFROM a AS one\nRUN x \\\n && y\nFROM b\nCOPY --from=one /x y/\n';
    expect(parseDockerfile(text)).toEqual([
      { name: 'one', base: 'a', instructions: [{ name: 'RUN', argument: 'x && y' }] },
      { name: '1', base: 'b', instructions: [{ name: 'COPY', argument: '--from=one /x y/' }] },
    ]);
  });

  test('reads quoted and plain pairs', () => {
    expect(pairs('a.b="c d" E=f')).toEqual({ 'a.b': 'c d', E: 'f' });
  });

  test('reads the exec form behind options', () => {
    expect(execForm('--interval=10s CMD ["node", "-e", "x"]')).toEqual(['node', '-e', 'x']);
  });

  test('refuses patterns of .dockerignore that it would misread', () => {
    expect(() => ignoredBy('!models')).toThrow('only names and * are understood: !models');
  });
});
