import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newestDigest } from '../../../lib/plan/artifact';
import { findProfile, type Profile, parseProfile } from '../../../lib/plan/profile';
import { poolReplica, profileWarnings } from '../../../lib/plan/replica';
import { parseSpec } from '../../../lib/spec/load';
import { PROFILE } from './support';

const SPEC = parseSpec(
  `name: shop
models:
  fraud: {useCase: fraud-detection, path: models/fraud, peakQps: 300, pool: web}
  ranking: {useCase: search-ranking, path: models/ranking, peakQps: 100, pool: web}
pools:
  web: {hardware: cpu}
`,
  'headroom.yaml',
);

function webReplica(...profiles: Profile[]) {
  const [pool] = SPEC.pools;
  if (pool === undefined) throw new Error('the spec has a pool');
  return poolReplica(pool, {
    models: SPEC.models,
    profiles: new Map(profiles.map((profile) => [profile.model, profile])),
  });
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'headroom-profile-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('a profile', () => {
  test('is found by the name of its model', () => {
    mkdirSync(join(folder, 'profiles'));
    writeFileSync(join(folder, 'profiles', 'fraud.json'), JSON.stringify(PROFILE));
    expect(findProfile(folder, 'fraud')).toEqual(PROFILE);
  });

  test('is none where nothing was measured', () => {
    expect(findProfile(folder, 'unmeasured')).toBeUndefined();
  });

  test('without a capacity is refused by name', () => {
    const { capacityQps, ...rest } = PROFILE;
    expect(() => parseProfile(JSON.stringify(rest), 'p.json')).toThrow(
      /^the profile p.json cannot be used: capacityQps: is missing/,
    );
  });

  test('that is not JSON is refused', () => {
    expect(() => parseProfile('capacity: 3', 'p.json')).toThrow(
      "the profile p.json is not JSON (measure it again with 'headroom load --local --find-capacity', or delete it)",
    );
  });
});

describe('a replica of a pool', () => {
  test('has the capacity of the mix: each request takes its share', () => {
    // GIVEN three requests of a model of which a replica takes 300 for one of a model of which it takes 200
    expect(webReplica(PROFILE).replica.capacityQps).toBeCloseTo(4 / (3 / 300 + 1 / 200), 6);
  });

  test('starts as slowly as the slowest of its models', () => {
    expect(webReplica(PROFILE).replica.coldStartSeconds).toBe(20);
  });

  test('tells of every number whether it was measured or assumed', () => {
    const { figures } = webReplica(PROFILE);
    const sources = figures.map(({ name, source }) => `${name.split(':')[0]} ${source}`);
    expect([...new Set(sources)]).toEqual(['fraud measured', 'ranking assumed']);
  });
});

describe('profiles are warned of', () => {
  test('when another artifact is deployed than was measured', () => {
    expect(profileWarnings([PROFILE], () => 'b'.repeat(64))).toEqual([
      'the profile of fraud was measured with the artifact aaaaaaaaaaaa, deployed is bbbbbbbbbbbb: measure again',
    ]);
  });

  test('when they come from different machines', () => {
    const other = { ...PROFILE, model: 'ranking', machine: { ...PROFILE.machine, cores: 64 } };
    expect(profileWarnings([PROFILE, other], () => undefined)).toEqual([
      'the profiles come from different machines (Test CPU (2 cores), Test CPU (64 cores)): their numbers do not compare',
    ]);
  });

  test('not when all is as measured', () => {
    expect(profileWarnings([PROFILE], () => PROFILE.artifactDigest)).toEqual([]);
  });
});

describe('the digest of a deployed model', () => {
  test('is that of the newest version', () => {
    for (const version of ['2', '10']) {
      mkdirSync(join(folder, 'm', version), { recursive: true });
      writeFileSync(join(folder, 'm', version, 'model.onnx'), version);
    }
    // sha256 of the text 10
    expect(newestDigest(join(folder, 'm'))).toBe('4a44dc15364204a80fe80e9039455cc1608281820fe2b24f1e5233ade6af1dd5');
  });

  test('is unknown where there is no model', () => {
    expect(newestDigest(join(folder, 'none'))).toBeUndefined();
  });
});
