import { describe, expect, test } from '@jest/globals';
import { SHAPES, shapedTraffic, tracedTraffic } from '../../../../lib/plan/simulate/traffic';

describe.each(SHAPES)('the shape %s', (name) => {
  const traffic = shapedTraffic(name);
  const shares = Array.from({ length: traffic.durationSeconds }, (_, second) => traffic.shareAt(second));

  test('reaches its peak and never exceeds it', () => {
    expect(Math.max(...shares)).toBeCloseTo(1, 6);
  });

  test('never ceases', () => {
    expect(Math.min(...shares)).toBeGreaterThan(0.05);
  });
});

test('a flash crowd rises from a tenth to all within half a minute', () => {
  const { shareAt } = shapedTraffic('flash');
  expect([599, 615, 630].map(shareAt)).toEqual([0.1, 0.55, 1]);
});

test('a trace holds each of its rates until the next', () => {
  const traffic = tracedTraffic({ intervalSeconds: 60, qps: [10, 30] }, 20);
  expect([traffic.durationSeconds, ...[0, 59, 60, 119].map(traffic.shareAt)]).toEqual([120, 0.5, 0.5, 1.5, 1.5]);
});
