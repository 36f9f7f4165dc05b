import { describe, expect, test } from '@jest/globals';
import { Latencies } from '../../../../cli/load/measure/latencies';
import { judge, parseSlo } from '../../../../cli/load/measure/slo';

function hundred(): Latencies {
  const latencies = new Latencies();
  for (let ms = 1; ms <= 100; ms++) latencies.record(ms);
  return latencies;
}

describe('an SLO', () => {
  test('is read from targets', () => {
    expect(parseSlo('p95=100ms, p99.9=250,lost=0.5%')).toEqual({
      percentiles: [
        { percentile: 95, maxMs: 100 },
        { percentile: 99.9, maxMs: 250 },
      ],
      maxLostShare: 0.005,
    });
  });

  test.each([
    ...['p95', 'p95<100', 'p950=1', 'lost=1', '', 'p95=100ms,,', 'average=3'],
    ...['p95=0ms', 'p0=100ms', 'lost=200%'],
  ])('is not read from %j', (text) => {
    expect(() => parseSlo(text)).toThrow(/--slo has '.*', expected targets such as p95=100ms,p99=250ms,lost=0\.1%/);
  });

  test.each(['p95=100,p95=200', 'lost=1%,p95=100,lost=2%'])('has no two targets of a kind: %j', (text) => {
    expect(() => parseSlo(text)).toThrow(/--slo has '[^']+', but another target of the kind before it/);
  });

  test('holds up to its limits', () => {
    expect(judge(parseSlo('p95=95.1,p99=98'), hundred(), 0).map(({ holds }) => holds)).toEqual([true, false]);
  });

  test('counts lost requests as slower than all answers', () => {
    // GIVEN 100 answers within 100 ms and 10 lost requests
    const [judgement] = judge(parseSlo('p95=1000'), hundred(), 10);
    // THEN 95 of 100 were not answered at all
    expect(judgement).toMatchObject({ value: undefined, holds: false });
  });

  test('limits the lost ones where it says so', () => {
    expect(judge(parseSlo('lost=10%'), hundred(), 10)).toMatchObject([{ name: 'lost', holds: true }]);
    expect(judge(parseSlo('lost=9%'), hundred(), 10)).toMatchObject([{ name: 'lost', holds: false }]);
  });

  test('does not hold where nothing was answered', () => {
    expect(judge(parseSlo('p95=100'), new Latencies(), 0)).toMatchObject([{ holds: false }]);
  });
});
