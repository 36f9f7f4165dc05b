import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { latencyCurve } from '../../../lib/plan/latency';

const POINTS = [
  { qps: 300, p95Ms: 6 },
  { qps: 500, p95Ms: 9 },
  { qps: 800, p95Ms: 25 },
];
const CURVE = latencyCurve({ capacityQps: 1000, sloMs: 100, idleMs: 4, points: POINTS });

describe('a latency curve', () => {
  test('goes through every measured point', () => {
    expect(POINTS.map(({ qps }) => CURVE.p95Ms(qps))).toEqual(POINTS.map(({ p95Ms }) => expect.closeTo(p95Ms, 9)));
  });

  test('goes through the time alone and through the SLO at capacity', () => {
    expect([CURVE.p95Ms(0), CURVE.p95Ms(1000)]).toEqual([expect.closeTo(4, 9), expect.closeTo(100, 9)]);
  });

  test('is straight over λ/(μ − λ) between two points', () => {
    const x = (qps: number): number => qps / (CURVE.saturationQps - qps);
    const share = (x(650) - x(500)) / (x(800) - x(500));
    expect(CURVE.p95Ms(650)).toBeCloseTo(9 + share * 16, 9);
  });

  test('without points is that of M/M/1', () => {
    // p95 = −ln 0.05/(μ − λ), with the idle time in place of the service time of the exponential
    const curve = latencyCurve({ capacityQps: 1000, sloMs: 100, idleMs: 4, points: [] });
    const k = -Math.log(0.05) * 1000;
    const expected = 4 - k / curve.saturationQps + k / (curve.saturationQps - 700);
    expect(curve.p95Ms(700)).toBeCloseTo(expected, 9);
  });

  test('is not bent down by a point that lies below one before it', () => {
    const noisy = latencyCurve({
      capacityQps: 1000,
      sloMs: 100,
      idleMs: 4,
      points: [...POINTS, { qps: 600, p95Ms: 7 }],
    });
    expect(noisy.p95Ms(600)).toBeCloseTo(9, 9);
  });

  test('takes the highest of several latencies at one rate, and is told back there', () => {
    // GIVEN a rate that was measured twice
    const points = [
      { qps: 500, p95Ms: 6 },
      { qps: 500, p95Ms: 8 },
    ];
    const curve = latencyCurve({ capacityQps: 1000, sloMs: 100, idleMs: 4, points });
    // THEN it has one latency, and that latency one rate
    expect(curve.p95Ms(500)).toBeCloseTo(8, 9);
    expect(curve.p95Ms(curve.qpsAt(6))).toBeCloseTo(6, 9);
  });

  test('only rises, and is told back by its inverse', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            qps: fc.integer({ min: 1, max: 999 }),
            p95Ms: fc.double({ min: 1, max: 99, noNaN: true }),
          }),
        ),
        fc.double({ min: 0, max: 1000, noNaN: true }),
        (points, qps) => {
          const curve = latencyCurve({ capacityQps: 1000, sloMs: 100, idleMs: 4, points });
          const p95Ms = curve.p95Ms(qps);
          expect(curve.p95Ms(qps * 1.001)).toBeGreaterThanOrEqual(p95Ms - 1e-9);
          expect(curve.p95Ms(curve.qpsAt(p95Ms))).toBeCloseTo(p95Ms, 6);
        },
      ),
    );
  });
});

/** Measured by `headroom load --find-capacity` on 2026-11-24, two cores of an AMD EPYC shared with the generator. */
const RECORDED = [
  {
    model: 'fraud-detection',
    capacityQps: 7742.2,
    sloMs: 100,
    idleMs: 0.8,
    points: [
      { qps: 774.22, p95Ms: 2.875 },
      { qps: 2322.6, p95Ms: 3.425 },
      { qps: 3871.1, p95Ms: 3.487 },
      { qps: 5419.5, p95Ms: 4.147 },
      { qps: 6580.8, p95Ms: 4.199 },
    ],
  },
  {
    model: 'image-classification',
    capacityQps: 326.93,
    sloMs: 200,
    idleMs: 7.119,
    points: [
      { qps: 32.693, p95Ms: 10.087 },
      { qps: 98.08, p95Ms: 12.583 },
      { qps: 163.47, p95Ms: 23.087 },
      { qps: 228.85, p95Ms: 39.903 },
      { qps: 277.89, p95Ms: 68.863 },
    ],
  },
];

describe('p95 at 70 % of capacity', () => {
  const at70 = ({ capacityQps }: { capacityQps: number }, { qps }: { qps: number }): boolean =>
    Math.abs(qps / capacityQps - 0.7) < 0.01;

  test.each(RECORDED)('of $model is predicted within 25 % without the point that was measured there', (recorded) => {
    const measured = recorded.points.find((point) => at70(recorded, point));
    const points = recorded.points.filter((point) => !at70(recorded, point));
    const predicted = latencyCurve({ ...recorded, points }).p95Ms(measured?.qps ?? 0);
    expect(Math.abs(predicted / (measured?.p95Ms ?? 0) - 1)).toBeLessThan(0.25);
  });

  test.each(RECORDED)('of $model is missed by more than that by a queue that only knows the capacity', (recorded) => {
    const measured = recorded.points.find((point) => at70(recorded, point));
    const predicted = latencyCurve({ ...recorded, points: [] }).p95Ms(measured?.qps ?? 0);
    expect(predicted / (measured?.p95Ms ?? 0)).toBeLessThan(0.75);
  });
});
