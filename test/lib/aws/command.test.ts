import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

const ROOT = join(__dirname, '../../..');
const { app, context } = JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8'));

let folder: string;
/** Folder of the compiled app: within the package, which it asks for its own root. */
let build: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'headroom-aws-'));
  mkdirSync(join(ROOT, '.build'), { recursive: true });
  build = mkdtempSync(join(ROOT, '.build/test-'));
});

afterAll(() => {
  for (const made of [folder, build]) rmSync(made, { recursive: true, force: true });
});

/** Runs the app of cdk.json as the CDK's command line does, schema validation included. */
function synth(spec: string, name: string) {
  const output = join(folder, name);
  const { status, stderr } = spawnSync('sh', ['-c', app.replaceAll('.build', build)], {
    cwd: ROOT,
    encoding: 'utf8',
    env: {
      ...process.env,
      PATH: `${join(ROOT, 'node_modules/.bin')}:${process.env.PATH}`,
      HEADROOM_SPEC: spec,
      CDK_OUTDIR: output,
      CDK_CONTEXT_JSON: JSON.stringify({ ...context, 'aws:cdk:disable-asset-staging': true }),
    },
  });
  return { status, stderr, files: existsSync(output) ? readdirSync(output) : undefined, output };
}

describe('the app of cdk.json', () => {
  test('makes the platform of headroom.yaml, which CloudFormation finds nothing wrong with', () => {
    // WHEN the example is synthesized
    const { status, stderr, files, output } = synth('headroom.yaml', 'example');
    // THEN its stacks are there, each part once, and the rules of CloudFormation are content without a warning
    expect([status, stderr]).toEqual([0, '']);
    const stacks = (files ?? []).flatMap((file) => /^(.*)\.template\.json$/.exec(file)?.[1] ?? []);
    expect(stacks).toEqual(expect.arrayContaining(['shop-network', 'shop-data', 'shop-cluster', 'shop-workload']));
    const report: { pluginReports: { violations: unknown[] }[] } = JSON.parse(
      readFileSync(join(output, 'validation-report.json'), 'utf8'),
    );
    expect(report.pluginReports.flatMap(({ violations }) => violations)).toEqual([]);
  });

  test('tells every mistake with its line, and makes nothing', () => {
    // GIVEN a spec with a region that does not exist and a burst below the rate
    const spec = join(folder, 'headroom.yaml');
    const text = readFileSync(join(ROOT, 'headroom.yaml'), 'utf8');
    writeFileSync(spec, text.replace('region: eu-west-1', 'region: eu-west-9'));
    // WHEN it is synthesized
    const { status, stderr, files } = synth(spec, 'bad');
    // THEN it ends as any wrong use does
    expect(status).toBe(2);
    expect(stderr).toMatch(
      /^error: .*headroom\.yaml:\d+:\d+: aws\.region: found 'eu-west-9', expected a region of AWS/,
    );
    expect(files).toBeUndefined();
  });

  test('names a spec that is not there', () => {
    const { status, stderr } = synth('nowhere.yaml', 'missing');
    expect([status, stderr]).toEqual([
      2,
      "error: cannot read the spec nowhere.yaml: it does not exist ('headroom init' writes one)\n",
    ]);
  });
});
