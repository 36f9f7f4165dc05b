import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { profileOf, writeProfile } from '../../../../cli/load/capacity/profiles';
import type { ModelCapacity } from '../../../../cli/load/capacity/report';
import { parseSlo } from '../../../../cli/load/measure/slo';
import { parseProfile } from '../../../../lib/plan/profile';
import { trialOf } from './trial';

const MODEL: ModelCapacity = {
  name: 'fraud',
  digest: 'a'.repeat(64),
  capacityQps: 1000,
  limitedBy: undefined,
  trials: [],
  atCapacity: trialOf(1000),
  latency: [trialOf(100), trialOf(1000)],
  serviceTime: { fixedMs: 0.3, perRowMs: 0.05 },
  settings: { intraOpThreads: 2, executionMode: 'sequential', maxBatch: 32 },
  cacheHitRatio: 0,
  batchRows: 3.5,
  memoryBytes: 2e8,
  coldStartSeconds: 1.5,
  coreScaling: [{ cores: 1, capacityQps: 150.123456 }],
  profile: undefined,
};
const ABOUT = {
  machine: { cpu: 'Test CPU', cores: 2, memoryBytes: 4e9, node: 'v20.20.2' },
  at: '2026-11-24T12:00:00.000Z',
};
const SLO = parseSlo('p95=100');

function made(model: ModelCapacity = MODEL, machine = ABOUT.machine) {
  const result = profileOf(model, SLO, { ...ABOUT, machine });
  if ('missing' in result) throw new Error(result.missing);
  return result.profile;
}

describe('the profile of a measured model', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'headroom-profiles-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('is one that plan and simulate read', () => {
    const { file, warnings } = writeProfile(made(), folder);
    expect(file).toBe(join(folder, 'profiles', 'fraud.json'));
    expect(warnings).toEqual([]);
    expect(parseProfile(readFileSync(file, 'utf8'), file)).toMatchObject({
      capacityQps: 1000,
      serviceTime: { fixedMs: 0.3, perRowMs: 0.05 },
      latency: [{ qps: 100, p95Ms: 3 }, { qps: 1000 }],
    });
  });

  test('is replaced without a word by one of the same artifact and machine', () => {
    writeProfile(made(), folder);
    expect(writeProfile(made(), folder).warnings).toEqual([]);
  });

  test('is replaced with a warning where it is of another machine or artifact', () => {
    writeProfile(made(), folder);
    const elsewhere = writeProfile(made(MODEL, { ...ABOUT.machine, cores: 8 }), folder);
    expect(elsewhere.warnings).toEqual([expect.stringMatching(/was measured on another machine \(2 × Test CPU/)]);
    const other = writeProfile(made({ ...MODEL, digest: 'b'.repeat(64) }, { ...ABOUT.machine, cores: 8 }), folder);
    expect(other.warnings).toEqual([expect.stringMatching(/was measured with another artifact \(aaaaaaaaaaaa\)/)]);
  });

  test('is replaced by a lower capacity with one line that tells both', () => {
    writeProfile(made({ ...MODEL, capacityQps: 4674 }), folder);
    const { file, warnings } = writeProfile(made({ ...MODEL, capacityQps: 400 }), folder);
    expect(warnings).toEqual([`${file} has been replaced by a lower capacity: it was 4,674 requests/s, it is 400`]);
  });

  test('replaces one that cannot be read, so that measuring again is the cure', () => {
    // GIVEN a profile that was cut off
    const { file } = writeProfile(made(), folder);
    writeFileSync(file, '{"model":');
    // WHEN the model has been measured again
    const { warnings } = writeProfile(made(), folder);
    // THEN the measurement is kept
    expect(warnings).toEqual([`${file} could not be used and has been replaced`]);
    expect(parseProfile(readFileSync(file, 'utf8'), file).capacityQps).toBe(1000);
  });

  test.each([
    [
      { ...MODEL, capacityQps: undefined, limitedBy: 'others' as const },
      SLO,
      /^no profile of fraud: the search was given up, as other programs kept the machine too busy/,
    ],
    [{ ...MODEL, capacityQps: undefined }, SLO, /the SLO of fraud holds at no rate/],
    [
      { ...MODEL, limitedBy: 'max-rate' as const },
      SLO,
      /^no profile of fraud: its SLO still holds at 1,000 requests\/s, .*: give a higher --max-rate$/,
    ],
    [{ ...MODEL, coldStartSeconds: undefined }, SLO, /only measured of a service that --local starts/],
    [MODEL, parseSlo('p99=100'), /a profile states the capacity at a p95/],
  ])('is not made of too little', (model, slo, message) => {
    expect(profileOf(model, slo, ABOUT)).toEqual({ missing: expect.stringMatching(message) });
  });
});
