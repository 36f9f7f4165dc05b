import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { PROFILE } from '../lib/plan/support';
import { headroom } from '../support/command-line';

const FLASH = join(__dirname, '../fixtures/hpa/hpa-flash.json');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'headroom-simulate-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe('headroom simulate --replay', () => {
  test('prints the replicas of every second as JSON', async () => {
    const { stdout, code } = await headroom('simulate', '--replay', FLASH, '--json');
    const { samples }: { samples: { t: number; spec: number }[] } = JSON.parse(stdout);
    expect(code).toBe(0);
    expect(samples.slice(44, 47)).toEqual([
      { t: 44, spec: 2 },
      { t: 45, spec: 2 },
      { t: 46, spec: 6 },
    ]);
    expect(samples.every(({ t }, i) => t === i)).toBe(true);
  });

  test('prints the changes for a person', async () => {
    const { stdout } = await headroom('simulate', '--replay', FLASH);
    expect(stdout.split('\n').slice(0, 2)).toEqual(['     0 s  2 replicas', '    46 s  6 replicas']);
  });

  test('tells a recording that lacks something in one sentence', async () => {
    const { stderr, code } = await headroom('simulate', '--replay', file('bad.json', '{"hpa":{"maxReplicas":3}}'));
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: .*bad\.json is not a usable recording: syncPeriodSeconds: is missing[^\n]*\n$/);
  });
});

const SPEC = `name: shop
models:
  fraud: {useCase: fraud-detection, path: models/fraud, peakQps: 300, pool: web}
pools:
  web: {hardware: cpu, minReplicas: 2, maxReplicas: 4}
`;

test.each([
  ['--growth', '3'],
  ['--out', 'report.json'],
  ['--html', 'page.html'],
])('--replay with %s: says that it does not go with it', async (...flag) => {
  const { stderr, code } = await headroom('simulate', '--replay', FLASH, ...flag);
  expect([code, stderr]).toEqual([2, expect.stringMatching(`so ${flag[0]} cannot be given with it`)]);
});

describe('headroom simulate with a spec and a traffic', () => {
  let spec: string;
  beforeAll(() => {
    spec = file('headroom.yaml', SPEC);
  });

  test('tells the peak of a trace, not that of the spec', async () => {
    const trace = file('hour.csv', '0,20\n60,50\n');
    const { stdout } = await headroom('simulate', '--spec', spec, '--trace', trace, '--growth', '2');
    expect(stdout).toMatch(/^shop: trace traffic over 2 min, peak 100 requests\/s \(growth 2\)\n/);
  });

  test.each(['1e99', '0.5'])('refuses a growth of %s, which no spec may have', async (growth) => {
    const { stderr, code } = await headroom('simulate', '--spec', spec, '--shape', 'flash', '--growth', growth);
    expect([code, stderr]).toEqual([2, `error: --growth is '${growth}', expected a number from 1 to 1000\n`]);
  });

  test('writes no page where the report cannot be written', async () => {
    // GIVEN a folder in the place of the report
    const page = join(folder, 'unwritten.html');
    const flags = ['--spec', spec, '--shape', 'flash', '--html', page, '--out', folder];
    const { stderr, code } = await headroom('simulate', ...flags);
    expect([code, stderr]).toEqual([2, `error: --out: cannot write ${folder}: it is a folder, expected a file\n`]);
    expect(existsSync(page)).toBe(false);
  });

  test('ends with 0 and says so where the plan holds', async () => {
    const trace = file('quiet.csv', '0,50\n60,60\n120,50\n');
    const { stdout, code } = await headroom('simulate', '--spec', spec, '--trace', trace);
    expect(code).toBe(0);
    expect(stdout).toMatch(/web \(2 to 4 replicas, SLO p95 100 ms\): holds/);
    expect(stdout).toMatch(/It holds: in every pool at least 95 % of the requests .*\n$/);
  });

  test('ends with 1 and says what to change where it does not', async () => {
    const { stdout, code } = await headroom('simulate', '--spec', spec, '--shape', 'step', '--growth', '10');
    expect(code).toBe(1);
    expect(stdout).toMatch(/why: the peak needs 15 replicas, at most 4 are allowed/);
    expect(stdout).toMatch(/change maxReplicas: 4 → 22/);
    expect(stdout).toMatch(/so changed: .* 0 lost/);
  });

  test('names every assumption', async () => {
    const { stdout } = await headroom('simulate', '--spec', spec, '--shape', 'step');
    expect(stdout).toMatch(/assumed {5}fraud: capacity of a replica at p95 100 ms: 200 requests\/s/);
    expect(stdout).toMatch(/assumed {5}start of a node: 60 s/);
  });

  test('takes what a profile measured in place of assumptions', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'headroom-profiled-'));
    try {
      // GIVEN a profile beside the spec
      mkdirSync(join(folder, 'profiles'));
      writeFileSync(join(folder, 'headroom.yaml'), SPEC);
      writeFileSync(
        join(folder, 'profiles', 'fraud.json'),
        JSON.stringify({
          ...PROFILE,
          capacityQps: 5000,
          serviceTime: { fixedMs: 0.1, perRowMs: 0.01 },
          cpuSecondsPerRequest: 0.0002,
          coldStartSeconds: 3,
        }),
      );
      // WHEN ten times the peak comes at once
      const { stdout, code } = await headroom(
        ...['simulate', '--spec', join(folder, 'headroom.yaml'), '--shape', 'step', '--growth', '10'],
      );
      // THEN two replicas of 5,000 requests/s hold it
      expect(code).toBe(0);
      expect(stdout).toMatch(
        /measured {4}fraud: capacity of a replica at p95 100 ms: 5,000 requests\/s \(profiles\/fraud/,
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('prints the report as JSON, with the cost where a price is given', async () => {
    const { stdout } = await headroom(
      ...['simulate', '--spec', spec, '--shape', 'step', '--replica-usd-per-hour', '0.1', '--json'],
    );
    const report: { holds: boolean; pools: { replicaHours: number; costUsd: number; series: object[] }[] } =
      JSON.parse(stdout);
    const [pool] = report.pools;
    expect(pool?.costUsd).toBeCloseTo((pool?.replicaHours ?? 0) * 0.1, 2);
    expect(Object.keys(pool?.series[0] ?? {})).toEqual(['t', 'qps', 'lostQps', 'p95Ms', 'replicas', 'ready']);
  });

  test('writes one page that needs nothing else', async () => {
    const page = join(folder, 'report.html');
    await headroom('simulate', '--spec', spec, '--shape', 'flash', '--html', page);
    const html = readFileSync(page, 'utf8');
    expect(html.match(/<svg/g)).toHaveLength(3);
    expect(html).not.toMatch(/(src|href)=|https?:|<script/);
  });

  test('a larger share of answers from the cache leaves less for the replicas', async () => {
    const requests = async (...flags: string[]): Promise<number> => {
      const { stdout } = await headroom('simulate', '--spec', spec, '--shape', 'step', '--json', ...flags);
      const report: { pools: { requests: number }[] } = JSON.parse(stdout);
      return report.pools[0]?.requests ?? Number.NaN;
    };
    expect((await requests('--cache-hit-ratio', '0.75')) / (await requests())).toBeCloseTo(0.25, 6);
  });

  test.each([
    [
      ['--shape', 'flash', '--trace', 'x.csv'],
      /expected one of --shape \(diurnal, flash, step\), --trace FILE and --replay FILE/,
    ],
    [[], /expected one of --shape/],
    [['--shape', 'square'], /Allowed choices are diurnal, flash, step/],
    [['--shape', 'flash', '--growth', 'ten'], /--growth is 'ten', expected a number from 1 to 1000/],
    [['--shape', 'flash', '--cache-hit-ratio', '70'], /--cache-hit-ratio is '70', expected a number from 0 to 1/],
    [['--trace', '/nonexistent.csv'], /cannot read the trace \/nonexistent.csv: it does not exist/],
    [['--replay', FLASH, '--shape', 'flash'], /so --shape cannot be given with it/],
  ])('the flags %j are a mistake told in one sentence', async (flags, message) => {
    const { stderr, code } = await headroom('simulate', '--spec', spec, ...flags);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });
});
