import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { PlanReport } from '../../cli/plan/report';
import { readWrittenPlan } from '../../lib/plan/read-inputs';
import { parsePlan } from '../../lib/plan/written-plan';
import { loadSpec } from '../../lib/spec/load';
import { PRICE_DOCUMENT, PROFILE } from '../lib/plan/support';

const SPEC = `name: shop
models:
  fraud: {useCase: fraud-detection, path: models/fraud, peakQps: 1000, pool: web}
pools: {web: {}}
aws: {region: eu-west-1}
`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'headroom-plan-'));
  file('headroom.yaml', SPEC);
});
afterEach(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string | object): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

function profile(changes: Partial<typeof PROFILE> = {}): void {
  mkdirSync(join(folder, 'profiles'), { recursive: true });
  file('profiles/fraud.json', { ...PROFILE, ...changes });
}

/** Runs the real program. */
function plan(...args: string[]): { stdout: string; stderr: string; code: number | null } {
  const cli = join(__dirname, '../../.build/headroom.js');
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [cli, 'plan', '--spec', join(folder, 'headroom.yaml'), ...args],
    {
      encoding: 'utf8',
    },
  );
  return { stdout, stderr, code: status };
}

function report(...args: string[]): PlanReport {
  return JSON.parse(plan('--json', ...args).stdout);
}

describe('headroom plan', () => {
  test('prints sizes, counts and the bill, and says what is assumed', () => {
    const { stdout, code } = plan();
    expect(code).toBe(0);
    expect(stdout).toMatch(/web +assumed +2 +1024 +1 × 1 +200 +2-72 +70/);
    expect(stdout).toMatch(/^all +[\d,.]+ +[\d,.]+$/m);
    expect(stdout).toMatch(/assumed +fraud: capacity of a replica at p95 100 ms: 200 requests\/s \(no profile\)/);
    expect(stdout).toMatch(/price list +price of eks\/cluster: 0.1 per hour \(eu-west-1, \d{4}-\d\d/);
  });

  test('takes what was measured', () => {
    profile();
    expect(report().pools[0]).toMatchObject({ measured: true, capacityQps: 300, cpuUtilization: 42 });
  });

  test('sees the threads that a model adopted, and says that they are', () => {
    // GIVEN a model for which headroom optimize --adopt wrote its settings
    mkdirSync(join(folder, 'models/fraud'), { recursive: true });
    file('models/fraud/model.yaml', 'runtime: {maxBatch: 32, intraOpThreads: 3}\n');
    const { stdout } = plan('--write');
    // THEN a replica has cores for them, and one worker in place of two
    expect(stdout).toMatch(/web +assumed +3 +1024 +1 × 3 +200/);
    expect(stdout).toMatch(/adopted +fraud: threads of a run: 3 \(model\.yaml\)/);
    expect(stdout).toMatch(/adopted +fraud: rows of a run, at most: 32 \(model\.yaml\)/);
    expect(stdout).toMatch(/calculated +fraud: workers of a replica: 1 \(with runs of 3 threads; 2 with runs of 1\)/);
    const { pools } = parsePlan(readFileSync(join(folder, 'headroom.plan.json'), 'utf8'), 'headroom.plan.json');
    expect(pools.web?.size).toMatchObject({ cpuMillicores: 3000, workers: 2, intraOpThreads: 1 });
  });

  test('warns of a profile that was measured with other threads than the model adopted since', () => {
    mkdirSync(join(folder, 'models/fraud'), { recursive: true });
    file('models/fraud/model.yaml', 'runtime: {intraOpThreads: 3}\n');
    profile({ settings: { intraOpThreads: 1, executionMode: 'sequential' } });
    expect(report().warnings).toContain(
      'the profile of fraud was measured with runs of 1 thread, its model.yaml has 3 threads: measure again',
    );
  });

  test('counts on INT8 only where headroom optimize measured that it pays', () => {
    // GIVEN no report of it
    profile();
    const reports = join(folder, 'reports');
    const unknown = plan('--reports', reports).stdout;
    expect(unknown).not.toContain('+ INT8');
    expect(unknown).toContain(
      "  INT8: not counted on for fraud: unknown until 'headroom optimize MODEL --out reports/optimize-MODEL.json' has measured it\n",
    );
    // WHEN there is one
    mkdirSync(reports);
    const verdict = { outcome: 'pays', latencySpeedup: 2, throughputSpeedup: 2 };
    file('reports/optimize-fraud.json', {
      measuredAt: '2026-11-30T12:00:00Z',
      model: { name: 'fraud', digest: PROFILE.artifactDigest },
      candidates: [{ id: 'dynamic-int8', result: { verdict } }],
    });
    // THEN
    const known = plan('--reports', reports).stdout;
    expect(known).toMatch(/c7g\.large \+ INT8 .* measured\n/);
    expect(known).not.toContain('INT8: not counted on');
  });

  test('plans for the growth that is asked for', () => {
    const { growth, grown } = report('--growth', '3');
    expect([growth, grown.growth]).toEqual([3, 3]);
  });

  test('counts with prices of the user', () => {
    const prices = structuredClone(PRICE_DOCUMENT);
    Object.assign(prices.lists[0]?.prices ?? {}, { 'eks/cluster': 2 });
    const { today } = report('--prices', file('prices.json', prices));
    expect(today.items.find(({ name }) => name === 'EKS control plane')?.monthly).toBe(1460);
  });

  test('names a model that is not where the spec says', () => {
    expect(plan().stdout).toMatch(
      /warning: \S+headroom\.yaml:3:\d+: models\.fraud\.path: the folder \S+models\/fraud does not exist, so nothing of fraud can be measured/,
    );
    mkdirSync(join(folder, 'models/fraud'), { recursive: true });
    expect(report().warnings).toEqual([]);
  });

  test('warns of a profile of another artifact than the one beside the spec', () => {
    mkdirSync(join(folder, 'models/fraud/1'), { recursive: true });
    file('models/fraud/1/model.onnx', 'another model');
    profile();
    expect(plan().stdout).toMatch(
      /warning: the profile of fraud was measured with the artifact aaaaaaaaaaaa, deployed is/,
    );
  });

  test('warns of a profile measured without the GPU that the pool has, and does not use it', () => {
    profile();
    file('headroom.yaml', SPEC.replace('{web: {}}', '{web: {hardware: gpu, gpu: a10g}}'));
    const { warnings, pools } = report();
    expect(warnings[1]).toMatch(/the profile of fraud was measured on a CPU, its pool web runs on a10g/);
    expect(pools[0]).toMatchObject({ measured: false, instanceType: expect.stringMatching(/^g5/) });
  });
});

describe('headroom plan for an SLO that no number of replicas meets', () => {
  const withSlo = (p95Ms: number) =>
    file('headroom.yaml', SPEC.replace('pool: web', `pool: web, slo: {p95Ms: ${p95Ms}}`));

  test('says by what it is missed, and fails', () => {
    // GIVEN a request that was measured to take 1.5 ms
    profile();
    withSlo(1.2);
    expect(plan('--write')).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(
        /^error: the SLO of fraud, p95 1\.2 ms, cannot be met: a request takes 1\.5 ms even alone \(measured: profiles\/fraud\.json\); a faster model [^\n]*\n$/,
      ),
    });
    expect(existsSync(join(folder, 'headroom.plan.json'))).toBe(false);
  });

  test('says that it goes by an assumption where nothing was measured', () => {
    withSlo(2);
    expect(plan()).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /a request takes 3 ms even alone \(assumed: 'headroom load --local --find-capacity'/,
      ),
    });
  });

  test('advises a pool of its own where only the SLO of another model is too strict', () => {
    profile();
    file(
      'headroom.yaml',
      SPEC.replace(
        'pools:',
        '  quick: {useCase: search-ranking, path: models/quick, peakQps: 1, pool: web, slo: {p95Ms: 1.4}}\npools:',
      ),
    );
    file('profiles/quick.json', { ...PROFILE, model: 'quick', serviceTime: { fixedMs: 0.1, perRowMs: 0.1 } });
    expect(plan().stderr).toMatch(
      /^error: the SLO of the pool web, p95 1\.4 ms, cannot be met by fraud: .*; a pool of its own gives it its own, 100 ms\n$/,
    );
  });
});

describe('headroom plan --write', () => {
  test('writes a plan beside the spec, whole', () => {
    profile();
    const { code, stderr } = plan('--write');
    const written = parsePlan(readFileSync(join(folder, 'headroom.plan.json'), 'utf8'), 'headroom.plan.json');
    expect([code, stderr]).toEqual([0, expect.stringMatching(/^wrote .*headroom\.plan\.json\n$/)]);
    expect(written.pools.web).toMatchObject({ minReplicas: 2, maxReplicas: 48, cpuUtilization: 42 });
    expect(readdirSync(folder).filter((name) => name.includes('.tmp'))).toEqual([]);
  });

  test('writes a plan that is told to be stale once a model has adopted other threads', () => {
    mkdirSync(join(folder, 'models/fraud'), { recursive: true });
    plan('--write');
    const warnings = () => readWrittenPlan(loadSpec(join(folder, 'headroom.yaml'))).warnings;
    expect(warnings()).toEqual([]);
    file('models/fraud/model.yaml', 'runtime: {intraOpThreads: 4}\n');
    expect(warnings()).toEqual([
      expect.stringMatching(
        /headroom\.plan\.json was made for runs of fraud with 1 thread, its model\.yaml has 4: run 'headroom plan --write' again$/,
      ),
    ]);
  });

  test('writes nothing where the plan fails', () => {
    plan('--write', '--prices', file('prices.json', { currency: 'USD', lists: [] }));
    expect(existsSync(join(folder, 'headroom.plan.json'))).toBe(false);
  });
});

describe('headroom plan tells in one sentence, with exit code 2,', () => {
  const sentence = (text: string) => expect.stringMatching(new RegExp(`^error: ${text}[^\\n]*\\n$`));

  test('a price that is missing', () => {
    file('headroom.yaml', SPEC.replace('eu-west-1', 'ap-south-1'));
    expect(plan()).toMatchObject({
      code: 2,
      stderr: sentence('no price in ap-south-1 of a type that holds a replica of web'),
    });
  });

  test('prices that cannot be read', () => {
    expect(plan('--prices', join(folder, 'none.json'))).toMatchObject({
      code: 2,
      stderr: sentence('cannot read the prices'),
    });
  });

  test('a growth that is no factor', () => {
    expect(plan('--growth', '0')).toMatchObject({
      code: 2,
      stderr: sentence("--growth is '0', expected a number from 1 to 1000"),
    });
  });

  test('a profile that cannot be used', () => {
    profile({ capacityQps: -1 });
    expect(plan()).toMatchObject({
      code: 2,
      stderr: sentence('the profile .*fraud\\.json cannot be used: capacityQps'),
    });
  });
});
