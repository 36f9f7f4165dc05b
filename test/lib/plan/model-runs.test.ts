import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readSettings, type SettingsByModel, settingsWarnings } from '../../../lib/plan/model-runs';
import { makePlan, type Plan } from '../../../lib/plan/plan';
import type { Profile } from '../../../lib/plan/profile';
import { parseSpec } from '../../../lib/spec/load';
import type { RunSettings } from '../../../lib/spec/run-settings';
import { PRICES, PROFILE, specOf } from './support';

const adopted = (settings: RunSettings): SettingsByModel => new Map([['fraud', { settings, source: 'adopted' }]]);

function planOf(settings: SettingsByModel, profile: Partial<Profile> = {}): Plan {
  return makePlan(specOf(1000), {
    profiles: new Map([['fraud', { ...PROFILE, ...profile }]]),
    settings,
    prices: PRICES,
    growth: 1,
    shape: { natGateways: 1, interfaceEndpoints: false, redis: undefined, frontDoor: 'cloudfront', systemNodes: 1 },
    cacheHitRatio: undefined,
  });
}

const figuresOf = ({ figures }: Plan, what: RegExp) =>
  figures.filter(({ name }) => what.test(name)).map(({ name, value, source, detail }) => [name, value, source, detail]);

describe('a model that adopted more threads a run', () => {
  // 0.6 cores are busy, with slack one; a run of 4 threads takes 4, of which 3 are for workers of one thread.
  const plan = planOf(adopted({ intraOpThreads: 4, executionMode: 'sequential', maxBatch: 32 }));
  const [pool] = plan.pools;

  test('gets replicas with a core for each, and the workers that the service fits into them', () => {
    expect(pool?.size).toMatchObject({ cpuMillicores: 4000, workers: 3, intraOpThreads: 1 });
    expect(pool?.runs).toEqual([{ model: 'fraud', workers: 1, threads: 4, maxBatch: 32, source: 'adopted' }]);
  });

  test('gets nodes that hold them, also where ways to run it are compared', () => {
    // A 2xlarge has room for 7,770m, which is one replica of 4 cores.
    expect([pool?.nodes.type.name, pool?.nodes.replicasPerNode]).toEqual(['c7g.2xlarge', 1]);
    expect([...new Set(plan.options.get('web')?.map(({ instanceType }) => instanceType))]).toEqual(['c7g.2xlarge']);
  });

  test('has the CPU target of its larger replicas', () => {
    // 300 × 0.7 requests/s of 2 ms are 0.42 of 4 cores.
    expect(pool?.cpuUtilization).toBe(10);
  });

  test('is told with its source', () => {
    expect(figuresOf(plan, /fraud: (threads|rows|workers)|web: CPU of/)).toEqual([
      ['fraud: threads of a run', 4, 'adopted', 'model.yaml'],
      ['fraud: rows of a run, at most', 32, 'adopted', 'model.yaml'],
      ['fraud: workers of a replica', 1, 'calculated', 'with runs of 4 threads; 3 with runs of 1'],
      [
        'web: CPU of a replica',
        4,
        'calculated',
        'from the profiles: busy at capacity are 0.6 cores, and a run takes 4',
      ],
    ]);
  });
});

test('branches side by side take as many threads more', () => {
  const [pool] = planOf(adopted({ intraOpThreads: 2, executionMode: 'parallel' })).pools;
  expect(pool?.size.cpuMillicores).toBe(3000);
  expect(pool?.runs).toMatchObject([{ workers: 1, threads: 3 }]);
});

test('workers that model.yaml names are taken as they stand', () => {
  const plan = planOf(adopted({ intraOpThreads: 2, workers: 5 }));
  expect(plan.pools[0]?.runs).toMatchObject([{ workers: 5, threads: 2 }]);
  expect(figuresOf(plan, /workers/)).toEqual([['fraud: workers of a replica', 5, 'adopted', 'model.yaml']]);
});

test('a model that says nothing runs as its replica is sized, and nothing more is told', () => {
  const plan = planOf(new Map());
  expect(plan.pools[0]?.runs).toEqual([
    { model: 'fraud', workers: 1, threads: 1, maxBatch: undefined, source: 'calculated' },
  ]);
  expect(figuresOf(plan, /threads|rows|workers/)).toEqual([]);
});

test('of the cores that were measured, only as many as a run takes are a choice', () => {
  // GIVEN a capacity that hardly grows with the cores, so that the fewest cost least
  const coreScaling = [1, 2, 4].map((cores) => ({ cores, capacityQps: 300 + cores }));
  const coresWith = (intraOpThreads: number) =>
    planOf(adopted({ intraOpThreads }), { coreScaling }).pools[0]?.measuredCores;
  expect([1, 2, 3].map(coresWith)).toEqual([1, 2, 4]);
});

describe('the settings of a model', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'headroom-settings-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const MEASURED: Profile = { ...PROFILE, settings: { intraOpThreads: 2, executionMode: 'sequential' } };

  function settingsWith({ yaml, path = 'models/fraud' }: { yaml?: string; path?: string }): SettingsByModel {
    const spec = `name: shop
models: {fraud: {useCase: fraud-detection, path: '${path}', peakQps: 1, pool: web}}
pools: {web: {}}
`;
    if (yaml !== undefined) {
      mkdirSync(join(folder, 'models/fraud'), { recursive: true });
      writeFileSync(join(folder, 'models/fraud/model.yaml'), yaml);
    }
    return readSettings(parseSpec(spec, join(folder, 'headroom.yaml')), new Map([['fraud', MEASURED]]));
  }

  test('are those of its model.yaml', () => {
    const yaml = 'description: x\nruntime: {executor: worker, intraOpThreads: 4, maxBatch: 8, provider: cpu}\n';
    expect(settingsWith({ yaml }).get('fraud')).toMatchObject({
      settings: { intraOpThreads: 4, maxBatch: 8 },
      source: 'adopted',
    });
  });

  test.each([
    ['that says nothing of it', 'description: x\n'],
    ['that is no good', 'runtime: {intraOpThreads: many}\n'],
    ['that is no YAML', '{'],
  ])('are unknown with a model.yaml %s', (_, yaml) => {
    expect(settingsWith({ yaml }).size).toBe(0);
  });

  test.each([
    ['is at a URL', 's3://shop-models/fraud'],
    ['is not there', 'models/fraud'],
  ])('are those of its measurement where its folder %s', (_, path) => {
    expect(settingsWith({ path }).get('fraud')).toEqual({ settings: MEASURED.settings, source: 'measured' });
  });
});

describe('a profile', () => {
  const warned = (settings: RunSettings | undefined, measured?: RunSettings) =>
    settingsWarnings(
      [{ ...PROFILE, ...(measured === undefined ? {} : { settings: measured }) }],
      settings === undefined ? new Map() : adopted(settings),
    );
  const ALONE: RunSettings = { intraOpThreads: 1, executionMode: 'sequential' };

  test('of the settings that the service obeys is used without a word', () => {
    expect(warned(undefined, ALONE)).toEqual([]);
    expect(warned({ intraOpThreads: 2, maxBatch: 8 }, { ...ALONE, intraOpThreads: 2, maxBatch: 8 })).toEqual([]);
    expect(warned(undefined)).toEqual([]);
  });

  test.each<[string, RunSettings | undefined, RunSettings | undefined, string]>([
    ['threads', { intraOpThreads: 4 }, ALONE, 'with runs of 1 thread, its model.yaml has 4 threads'],
    [
      'rows',
      { maxBatch: 32 },
      { ...ALONE, maxBatch: 1 },
      'with runs of 1 thread and at most 1 row, its model.yaml has 1 thread and at most 32 rows',
    ],
    [
      'branches',
      { intraOpThreads: 2, executionMode: 'parallel' },
      { ...ALONE, intraOpThreads: 2 },
      'with runs of 2 threads, its model.yaml has 2 threads, branches side by side',
    ],
    [
      'threads that are not adopted any more',
      undefined,
      { ...ALONE, intraOpThreads: 2 },
      'with runs of 2 threads, its model.yaml has 1 thread',
    ],
    [
      'settings that it does not tell',
      { intraOpThreads: 2 },
      undefined,
      'before profiles told how runs are set, its model.yaml has 2 threads',
    ],
  ])('of other %s is warned of', (_, settings, measured, words) => {
    expect(warned(settings, measured)).toEqual([`the profile of fraud was measured ${words}: measure again`]);
  });
});
