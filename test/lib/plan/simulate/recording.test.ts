import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { PlanInputError } from '../../../../lib/plan/errors';
import { loadRecording, parseRecording } from '../../../../lib/plan/simulate/recording';
import { replay } from '../../../../lib/plan/simulate/replay';

const FLASH = join(__dirname, '../../../fixtures/hpa/hpa-flash.json');

function recording(change: (json: Record<string, unknown>) => void): string {
  const json: Record<string, unknown> = JSON.parse(readFileSync(FLASH, 'utf8'));
  delete json.samples;
  change(json);
  return JSON.stringify(json);
}

function faultOf(text: string): string {
  try {
    parseRecording(text, 'r.json');
    return 'accepted';
  } catch (error) {
    if (!(error instanceof PlanInputError)) throw error;
    return error.message;
  }
}

describe('a recording', () => {
  test('needs no samples', () => {
    expect(faultOf(recording(() => {}))).toBe('accepted');
  });

  test.each(['hpa', 'scenario', 'syncPeriodSeconds', 'podReadyAfterSeconds'])(
    'without %s is refused by name',
    (field) => {
      expect(
        faultOf(
          recording((json) => {
            delete json[field];
          }),
        ),
      ).toMatch(new RegExp(`^r.json is not a usable recording: ${field}: is missing`));
    },
  );

  test('whose load goes back in time is refused with the entry', () => {
    expect(
      faultOf(
        recording((json) => {
          Object.assign(json.scenario ?? {}, {
            load: [
              [0, 1],
              [60, 2],
              [30, 1],
            ],
          });
        }),
      ),
    ).toBe('r.json: scenario.load[2] begins at 30 s, expected later than the 60 s of the entry before it');
  });

  test('with more replicas at least than at most is refused', () => {
    expect(
      faultOf(
        recording((json) => {
          Object.assign(json.hpa ?? {}, { minReplicas: 30 });
        }),
      ),
    ).toBe('r.json: hpa.minReplicas is 30, expected at most maxReplicas, 20');
  });

  test('that is not JSON is refused', () => {
    expect(faultOf('{')).toMatch(/^r.json is not JSON/);
  });

  test('that does not exist is refused', () => {
    expect(() => loadRecording('/nonexistent.json')).toThrow(
      'cannot read the recording /nonexistent.json: it does not exist',
    );
  });

  test('without queries begins one sync period after its HPA, at the least replicas', () => {
    // GIVEN a recording that names no query
    const silent = parseRecording(
      recording((json) => {
        json.served = [];
      }),
      'r.json',
    );
    // WHEN it is replayed THEN it starts with minReplicas and reaches maxReplicas under the flash
    const specs = replay(silent).map(({ spec }) => spec);
    expect([specs[0], Math.max(...specs)]).toEqual([2, 20]);
  });

  test('takes the defaults of Kubernetes for what its behaviour leaves out', () => {
    const { hpa } = parseRecording(
      recording((json) => {
        Object.assign(json.hpa ?? {}, { behavior: { scaleDown: { selectPolicy: 'Min', tolerance: '50m' } } });
      }),
      'r.json',
    );
    expect(hpa.behavior).toEqual({
      scaleUp: {
        stabilizationWindowSeconds: 0,
        selectPolicy: 'Max',
        policies: [
          { type: 'Pods', value: 4, periodSeconds: 15 },
          { type: 'Percent', value: 100, periodSeconds: 15 },
        ],
        tolerance: 0.1,
      },
      scaleDown: {
        stabilizationWindowSeconds: 300,
        selectPolicy: 'Min',
        policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
        tolerance: 0.05,
      },
    });
  });
});
