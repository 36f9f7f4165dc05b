import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { loadRecording } from '../../../../lib/plan/simulate/recording';
import { replay } from '../../../../lib/plan/simulate/replay';

const RECORDINGS = join(__dirname, '../../../fixtures/hpa');

/** Share of the recorded seconds in which the replay is at most `distance` replicas off. */
function agreement(name: string, distance: number): number {
  const file = join(RECORDINGS, name);
  const recorded: { samples: { t: number; spec: number }[] } = JSON.parse(readFileSync(file, 'utf8'));
  const simulated = new Map(replay(loadRecording(file)).map(({ t, spec }) => [t, spec]));
  const near = recorded.samples.filter(
    ({ t, spec }) => Math.abs((simulated.get(Math.round(t)) ?? Number.NaN) - spec) <= distance,
  );
  return near.length / recorded.samples.length;
}

describe.each(['hpa-step.json', 'hpa-flash.json', 'hpa-missing.json', 'hpa-sine.json'])('the replay of %s', (name) => {
  test('has the recorded replicas in at least 90 % of the seconds', () => {
    expect(agreement(name, 0)).toBeGreaterThanOrEqual(0.9);
  });

  test('is within one replica in at least 97 % of the seconds', () => {
    expect(agreement(name, 1)).toBeGreaterThanOrEqual(0.97);
  });
});

test('a replay looks at neither the samples nor the later queries of its recording', () => {
  // GIVEN a recording, and the same without what the controller decided
  const file = join(RECORDINGS, 'hpa-step.json');
  const whole = loadRecording(file);
  // WHEN it is read THEN nothing of them is kept
  expect(Object.keys(whole).sort()).toEqual([
    'firstSyncSeconds',
    'hpa',
    'initialReplicas',
    'podReadyAfterSeconds',
    'scenario',
    'syncPeriodSeconds',
  ]);
});
