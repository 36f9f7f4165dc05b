import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Replica } from '../../../lib/plan/replica';
import { serviceCurve } from '../../../lib/plan/service-curve';

const SLO = { p95Ms: 100, acceptableMs: 200 };

function replica(capacityQps: number, idleMs: number): Replica {
  return { capacityQps, idleMs, cpuSecondsPerRequest: 0.005, cpuRequestMilli: 1000, coldStartSeconds: 20 };
}

const replicas = fc
  .tuple(fc.double({ min: 1, max: 50_000, noNaN: true }), fc.double({ min: 0.1, max: 95, noNaN: true }))
  .map(([capacityQps, idleMs]) => replica(capacityQps, idleMs));

describe('the service curve', () => {
  test('goes through what was measured: the time alone, and the SLO at capacity', () => {
    fc.assert(
      fc.property(replicas, (measured) => {
        const curve = serviceCurve(measured, SLO);
        expect(curve.p95Ms(0)).toBeCloseTo(measured.idleMs, 6);
        expect(curve.p95Ms(measured.capacityQps)).toBeCloseTo(SLO.p95Ms, 6);
      }),
    );
  });

  test('is calm up to where p95 reaches the acceptable time', () => {
    fc.assert(
      fc.property(replicas, (measured) => {
        const curve = serviceCurve(measured, SLO);
        expect(curve.calmQps).toBeGreaterThan(measured.capacityQps);
        expect(curve.p95Ms(curve.calmQps)).toBeCloseTo(SLO.acceptableMs, 4);
      }),
    );
  });

  test('only rises', () => {
    fc.assert(
      fc.property(replicas, fc.double({ min: 0, max: 1, noNaN: true }), (measured, share) => {
        const curve = serviceCurve(measured, SLO);
        const qps = share * curve.calmQps;
        expect(curve.p95Ms(qps)).toBeGreaterThanOrEqual(curve.p95Ms(qps * 0.9));
      }),
    );
  });

  test('has one request in twenty slower than its p95', () => {
    fc.assert(
      fc.property(replicas, fc.double({ min: 0, max: 1, noNaN: true }), (measured, share) => {
        const curve = serviceCurve(measured, SLO);
        const qps = share * curve.calmQps;
        expect(curve.slowerThan(curve.p95Ms(qps), qps)).toBeCloseTo(0.05, 6);
      }),
    );
  });

  test('answers all that it can too late once it is offered more than that', () => {
    const curve = serviceCurve(replica(100, 5), SLO);
    const offered = 10 * curve.calmQps;
    expect(curve.answeredQps(offered)).toBeGreaterThan(curve.calmQps);
    expect(curve.answeredQps(offered)).toBeLessThan(1.3 * curve.calmQps);
    expect([curve.p95Ms(offered), curve.slowerThan(SLO.p95Ms, offered)]).toEqual([SLO.acceptableMs, 1]);
  });

  test('answers nothing within an SLO that a request alone exceeds', () => {
    const curve = serviceCurve(replica(100, 150), SLO);
    expect([curve.slowerThan(100, 1), curve.p95Ms(1)]).toEqual([1, 150]);
  });
});
