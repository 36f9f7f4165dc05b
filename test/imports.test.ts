import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

const ROOT = join(__dirname, '..');
const FOLDERS = ['bin', 'cli', 'lib', 'k8s', 'service'];

/** What the rules say of the source below `directory`. */
function cruise(directory: string): string {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [
      join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs'),
      '--config',
      join(ROOT, '.dependency-cruiser.cjs'),
      '--output-type',
      'err',
      ...FOLDERS,
    ],
    { cwd: directory, encoding: 'utf8' },
  );
  return stdout + stderr;
}

test('the source keeps the import rules of the design', () => {
  expect(cruise(ROOT)).toContain('no dependency violations found');
});

describe('the import rules notice', () => {
  const WRONG = [
    ['a circle', 'cli/circle-a.ts', './circle-b', 'circle'],
    ['lib that imports the service', 'lib/spec/a.ts', '../../service/x', 'lib-and-k8s-never-import-service'],
    ['k8s that imports the service', 'k8s/a.ts', '../service/x', 'lib-and-k8s-never-import-service'],
    [
      'the service that imports a plan',
      'service/a.ts',
      '../lib/plan/x',
      'service-takes-only-spec-and-contract-from-lib',
    ],
    ['lib/aws that imports k8s', 'lib/aws/a.ts', '../../k8s/x', 'aws-never-imports-k8s'],
    ['a codec that imports a way in', 'service/protocol/a.ts', '../http/x', 'service-service-protocol-imports-upwards'],
    ['a cache that imports the runtime', 'service/cache/a.ts', '../runtime/x', 'service-service-cache-imports-upwards'],
    ['the spec that imports the command line', 'lib/spec/b.ts', '../../cli/x', 'floor-lib-spec-imports-upwards'],
    ['a barrel', 'cli/barrel.ts', './folder/index', 'barrel'],
    [
      'ONNX Runtime outside the runtime',
      'service/predict/a.ts',
      'onnxruntime-node',
      'onnxruntime-node-outside-its-place',
    ],
    ['Fastify outside http', 'service/predict/b.ts', 'fastify', '-fastify-fastify--outside-its-place'],
  ] as const;
  let directory: string;
  let found: string;

  beforeAll(() => {
    // GIVEN a tree of the same shape in which each rule is broken once
    directory = mkdtempSync(join(tmpdir(), 'headroom-imports-'));
    symlinkSync(join(ROOT, 'node_modules'), join(directory, 'node_modules'));
    for (const folder of FOLDERS) mkdirSync(join(directory, folder));
    const write = (path: string, imported: string) => {
      mkdirSync(dirname(join(directory, path)), { recursive: true });
      writeFileSync(join(directory, path), `import '${imported}';\n`);
    };
    for (const [, from, imported] of WRONG) {
      if (imported.startsWith('.')) write(`${join(dirname(from), imported)}.ts`, 'node:fs');
    }
    write('cli/circle-b.ts', './circle-a');
    for (const [, from, imported] of WRONG) write(from, imported);
    found = cruise(directory);
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  test.each(WRONG)('%s', (_, from, __, rule) => {
    expect(found).toMatch(new RegExp(`error ${rule}: ${from}`));
  });
});
