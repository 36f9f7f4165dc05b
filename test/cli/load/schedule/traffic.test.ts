import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { trafficOf } from '../../../../cli/load/schedule/traffic';

describe('the traffic of the flags', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'headroom-traffic-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  function trace(text: string): string {
    const file = join(folder, 'trace.csv');
    writeFileSync(file, text);
    return file;
  }

  test('is a hundred requests/s for half a minute where they say nothing', () => {
    expect(trafficOf({})).toEqual({
      description: '100 requests/s for 30 s',
      stretches: [{ seconds: 30, fromQps: 100, toQps: 100 }],
      peakQps: 100,
    });
  });

  test('rises evenly in a ramp', () => {
    const { stretches, peakQps } = trafficOf({ rate: 10, rampTo: 400, duration: 20 });
    expect(stretches).toEqual([{ seconds: 20, fromQps: 10, toQps: 400 }]);
    expect(peakQps).toBe(400);
  });

  test('divides its time among steps', () => {
    const { stretches } = trafficOf({ steps: '100,200', duration: 10 });
    expect(stretches.map(({ seconds, fromQps, toQps }) => [seconds, fromQps, toQps])).toEqual([
      [5, 100, 100],
      [5, 200, 200],
    ]);
  });

  test('holds each rate of a trace until the next, as far as the duration goes', () => {
    const file = trace('time,qps\n0,5\n60,0\n120,9\n');
    expect(trafficOf({ trace: file }).stretches.map(({ seconds, fromQps }) => [seconds, fromQps])).toEqual([
      [60, 5],
      [60, 0],
      [60, 9],
    ]);
    expect(trafficOf({ trace: file, duration: 90 }).stretches).toHaveLength(2);
  });

  test.each([
    ['0,5\n60,7\n180,9\n', /trace\.csv:3: 120 s since the row before, expected 60 s/],
    ['0,5\n60,7\n30,9\n', /trace\.csv:3: the time goes from 60 to 30 s/],
    ['0,0\n60,0\n', /in which there is no request/],
  ])('refuses the trace %j', (text, message) => {
    expect(() => trafficOf({ trace: trace(text) })).toThrow(message);
  });

  test.each([
    [{ steps: '100,fast' }, /--steps has 'fast', expected rates up to 1000000\/s such as 100,200,400/],
    [{ steps: '1,,2' }, /--steps has '', expected rates/],
    [{ steps: '1,2e6' }, /--steps has '2e6', expected rates/],
    [{ steps: '' }, /--steps is ''/],
    [{ steps: '0,0' }, /--steps is '0,0'/],
    [{ steps: '100,200', rate: 5 }, /--steps sets the rates, so --rate cannot be given with it/],
    [{ trace: 'x.csv', rampTo: 5 }, /--trace sets the rates, so --ramp-to cannot be given with it/],
  ])('refuses the flags %j', (flags, message) => {
    expect(() => trafficOf(flags)).toThrow(message);
  });
});
