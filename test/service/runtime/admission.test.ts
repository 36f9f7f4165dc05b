import { describe, expect, test } from '@jest/globals';
import type { ServiceError } from '../../../service/errors';
import { Admission, type Capacity, type Load } from '../../../service/runtime/admission';
import { DurationCurve } from '../../../service/runtime/duration-curve';
import { Throughput } from '../../../service/runtime/throughput';

interface Situation extends Partial<Omit<Load, 'runningMs'>>, Partial<Omit<Capacity, 'free' | 'readyInMs'>> {
  readonly runningMs?: number;
  readonly free?: number;
  readonly readyInMs?: number;
  readonly limitRows?: number;
}

const NOW_MS = 5000;

/** The verdict on a job for a model of 10 ms + 1 ms a row, in batches of 10 rows: 2 ms a row once it is saturated. */
function refusal(rows: number, timeoutMs: number, situation: Situation): ServiceError | undefined {
  const { isIdle = false, turnRows = 0, queuedRows = turnRows, runningMs = 0 } = situation;
  const { free = 0, readyInMs = 0, parallel = 1, limitRows = 100 } = situation;
  const curve = new DurationCurve();
  curve.add(1, 11);
  curve.add(11, 21);
  const largest = (): number => 10;
  const load = { isIdle, turnRows, queuedRows, runningMs: () => runningMs };
  const capacity = { parallel, free: () => free, readyInMs: () => readyInMs };
  const throughput = new Throughput(curve, parallel, largest);
  return new Admission('m', limitRows, load, capacity, throughput, largest).refusal(rows, NOW_MS, NOW_MS + timeoutMs);
}

describe('room in the queue', () => {
  test('is there up to the limit', () => {
    expect(refusal(1, 1e6, { turnRows: 99 })).toBeUndefined();
  });

  test('is not there beyond it; the caller is told when there will be', () => {
    expect(refusal(5, 1e6, { turnRows: 98 })).toMatchObject({
      statusCode: 503,
      code: 'queue_full',
      retryAfterMs: expect.closeTo(6, 6),
    });
  });

  test('is counted by turns: of a job longer than a batch one batch counts', () => {
    expect(refusal(10_000, 1e6, { turnRows: 90 })).toBeUndefined();
    expect(refusal(10_000, 1e6, { turnRows: 91 })).toMatchObject({ code: 'queue_full' });
  });

  test('is always there for the first in the queue', () => {
    expect(refusal(50, 1e6, { limitRows: 5 })).toBeUndefined();
  });
});

describe('deadlines', () => {
  test('a job is refused when what waits before it and its own run take too long', () => {
    // 40 rows wait: 80 ms; a full batch takes 20 ms
    expect(refusal(1, 101, { turnRows: 40 })).toBeUndefined();
    expect(refusal(1, 95, { turnRows: 40 })).toMatchObject({
      statusCode: 503,
      code: 'deadline',
      retryAfterMs: expect.closeTo(5, 6),
    });
  });

  test('the run under way counts with what is left of it', () => {
    expect(refusal(1, 32, { runningMs: 20 })).toBeUndefined();
    expect(refusal(1, 30, { runningMs: 20 })).toMatchObject({ code: 'deadline' });
  });

  test('a worker that is still to come back counts too', () => {
    expect(refusal(1, 500, { readyInMs: 600 })).toMatchObject({ code: 'deadline' });
  });

  test('runs under way do not count while another executor is free', () => {
    expect(refusal(1, 20, { runningMs: 500, free: 1, parallel: 2 })).toBeUndefined();
  });

  test('of a job longer than a batch all rows count, and the turns of the others between them', () => {
    // 1,000 rows at 2 ms
    expect(refusal(1000, 1900, {})).toMatchObject({ code: 'deadline' });
    expect(refusal(1000, 2100, {})).toBeUndefined();
    expect(refusal(1000, 2100, { turnRows: 50, queuedRows: 5000 })).toMatchObject({ code: 'deadline' });
  });

  test('an idle model takes any job, as only runs can correct a wrong estimate', () => {
    expect(refusal(1, 1, { isIdle: true, free: 1 })).toBeUndefined();
  });

  test('a deadline that has passed is refused even then', () => {
    expect(refusal(1, 0, { isIdle: true, free: 1 })).toMatchObject({ code: 'deadline' });
  });
});
