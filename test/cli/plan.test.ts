import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { PlanReport } from '../../cli/plan/report';
import { parsePlan } from '../../lib/plan/written-plan';
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
    expect(stdout).toMatch(/price list +price of eks\/cluster: 0.1 a hour \(eu-west-1, \d{4}-\d\d/);
  });

  test('takes what was measured', () => {
    profile();
    expect(report().pools[0]).toMatchObject({ measured: true, capacityQps: 300, cpuUtilization: 42 });
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
    expect(warnings[0]).toMatch(/the profile of fraud was measured on a CPU, its pool web runs on a10g/);
    expect(pools[0]).toMatchObject({ measured: false, instanceType: expect.stringMatching(/^g5/) });
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
      stderr: sentence("--growth is '0', expected a number above 0"),
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
