import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import { helmProgram } from './helm';
import { synth } from './synth';

const ROOT = join(__dirname, '../..');
const directory = mkdtempSync(join(tmpdir(), 'headroom-cdk8s-'));
const helm = helmProgram(directory);

/** `npx cdk8s synth`, as a user runs it. */
function cdk8s(output: string, args: readonly string[] = [], environment: Record<string, string> = {}) {
  const path = `${join(ROOT, 'node_modules/.bin')}:${process.env.PATH ?? ''}`;
  return spawnSync('cdk8s', ['synth', '--check-upgrade', 'false', '--output', output, ...args], {
    cwd: ROOT,
    encoding: 'utf8',
    env: { ...process.env, PATH: path, ...environment },
  });
}

function documents(text: string): unknown[] {
  return parseAllDocuments(text).flatMap((document) => ('toJS' in document ? [document.toJS()] : []));
}

const readAll = (folder: string) =>
  readdirSync(folder)
    .sort()
    .flatMap((name) => documents(readFileSync(join(folder, name), 'utf8')));

afterAll(() => {
  rmSync(directory, { recursive: true });
});

describe('npx cdk8s synth', () => {
  const output = join(directory, 'dist');
  let files: string[];
  beforeAll(() => {
    expect(cdk8s(output).stderr).toBe('');
    files = readdirSync(output).sort();
  });

  test('writes one file a concern, in an order in which they can be applied', () => {
    expect(files).toEqual([
      '0000-namespace.k8s.yaml',
      '0001-network.k8s.yaml',
      '0002-pool-model-server.k8s.yaml',
      '0003-pool-recommender.k8s.yaml',
      '0004-pool-vision.k8s.yaml',
      '0005-monitoring.k8s.yaml',
    ]);
  });

  test('writes what the charts say', () => {
    const text = readFileSync(join(ROOT, 'headroom.yaml'), 'utf8');
    expect(readAll(output)).toEqual(synth(text));
  });

  test('tells a mistake in one line and fails', () => {
    const { status, stderr } = cdk8s(join(directory, 'bad'), [], { HEADROOM_MONITORING: 'yes' });
    expect(status).not.toBe(0);
    expect(stderr).toMatch(/^error: HEADROOM_MONITORING is 'yes', allowed: prometheus-operator, none$/m);
    expect(stderr).not.toContain('at readMonitoring');
  });
});

describe('the Helm chart', () => {
  const output = join(directory, 'headroom');
  beforeAll(() => {
    expect(cdk8s(output, ['--format', 'helm', '--chart-version', '1.2.3']).stderr).toBe('');
  });

  test('has the version asked for', () => {
    const [chart] = documents(readFileSync(join(output, 'Chart.yaml'), 'utf8'));
    expect(chart).toMatchObject({ apiVersion: 'v2', version: '1.2.3', type: 'application' });
  });

  test('has the same manifests as templates', () => {
    const text = readFileSync(join(ROOT, 'headroom.yaml'), 'utf8');
    expect(readAll(join(output, 'templates'))).toEqual(synth(text));
  });

  (helm === undefined ? test.skip : test)('is taken by helm, which renders the same manifests', () => {
    const run = (...args: string[]) => spawnSync(helm ?? '', args, { encoding: 'utf8' });
    expect(run('lint', '--strict', output)).toMatchObject({ status: 0 });
    const rendered = documents(run('template', 'headroom', output).stdout);
    const text = readFileSync(join(ROOT, 'headroom.yaml'), 'utf8');
    const byName = (manifests: unknown[]) => manifests.map((manifest) => JSON.stringify(manifest)).sort();
    expect(byName(rendered)).toEqual(byName(JSON.parse(JSON.stringify(synth(text)))));
  });
});
