import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { EvaluationSet } from '../../../cli/optimize/evaluation-set';
import { type Split, splitForCalibration } from '../../../cli/optimize/split';
import type { Tensor } from '../../../service/tensor';

/** Rows that know their own position, in requests of up to 64; or one a request. */
function setOf(rows: number, changes: Partial<EvaluationSet> = {}, step = 64): EvaluationSet {
  const requests = Array.from({ length: Math.ceil(rows / step) }, (_, i): Tensor[] => {
    const data = Float32Array.from({ length: Math.min(step, rows - i * step) }, (_, j) => i * step + j);
    return [{ datatype: 'FP32', shape: [data.length, 1], data }];
  });
  const rest = { groups: undefined, metric: undefined, isReal: true, warnings: [] };
  return { source: 'rows.csv', requests, labels: [...Array(rows).keys()], ...rest, ...changes };
}

const positions = (requests: EvaluationSet['requests']) =>
  requests.flatMap((request) => request.flatMap(({ data }) => [...data].map(Number)));
const calibrated = ({ calibration }: Split) => positions(calibration.requests);
const judged = (split: Split) => positions(split.judged.requests);

describe('an evaluation set that is large enough', () => {
  test.each([
    ['batched', 64],
    ['not batched', 1],
  ])('keeps the rows of calibration from those that judge, %s', (_, step) => {
    fc.assert(
      fc.property(fc.integer({ min: 400, max: 3000 }), (rows) => {
        const split = splitForCalibration(setOf(rows, {}, step), step > 1);
        expect([...calibrated(split), ...judged(split)].sort((a, b) => a - b)).toEqual([...Array(rows).keys()]);
        expect(calibrated(split).length).toBe(Math.min(256, Math.floor(rows / 4)));
        expect(split.calibration.judgedBecause).toBeUndefined();
        // Each row keeps its label, and its place for errors.
        expect(split.judged.labels).toEqual(judged(split));
        expect(split.rowNumbers).toEqual(judged(split).map((row) => row + 1));
      }),
      { numRuns: 20 },
    );
  });

  test('is divided alike every time', () => {
    expect(splitForCalibration(setOf(1000), true)).toEqual(splitForCalibration(setOf(1000), true));
  });

  test('is not divided by its order, which may be that of the labels', () => {
    const rows = calibrated(splitForCalibration(setOf(1000), true));
    expect(rows.filter((row) => row >= 500).length).toBeGreaterThan(rows.length / 4);
  });

  test('keeps each group whole', () => {
    const groups = Array.from({ length: 1000 }, (_, row) => row % 40);
    const split = splitForCalibration(setOf(1000, { groups }), true);
    const kept = new Set(calibrated(split).map((row) => row % 40));
    expect(kept.size).toBe(10);
    expect(split.judged.groups).toEqual(judged(split).map((row) => row % 40));
    expect(judged(split).some((row) => kept.has(row % 40))).toBe(false);
  });
});

describe('an evaluation set is judged by all its rows, and says why', () => {
  test.each([
    ['with too few', setOf(399), /^rows\.csv has 399 rows, and keeping some apart for calibration takes 400$/],
    ['in one group', setOf(1000, { groups: Array(1000).fill('a') }), /takes 400 in groups small enough$/],
    [
      'of which calibration would take all of one label',
      setOf(1000, { labels: labelsOfOne(splitForCalibration(setOf(1000), true)) }),
      /^rows\.csv has all rows of one label among those that calibration would take$/,
    ],
  ])('%s', (_, set, reason) => {
    const split = splitForCalibration(set, true);
    expect(split.judged).toBe(set);
    expect(split.calibration.judgedBecause).toMatch(reason);
    expect(split.calibration.rows).toBe(256);
    expect(calibrated(split).length).toBe(256);
  });

  test('a small one calibrates with all it has', () => {
    expect(calibrated(splitForCalibration(setOf(70), true))).toEqual([...Array(70).keys()]);
  });
});

/** 1 for a single row that calibration takes, 0 for all others. */
function labelsOfOne(split: Split): number[] {
  const [taken] = calibrated(split);
  return Array.from({ length: 1000 }, (_, row) => (row === taken ? 1 : 0));
}
