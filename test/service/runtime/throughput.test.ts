import { describe, expect, test } from '@jest/globals';
import { DurationCurve } from '../../../service/runtime/duration-curve';
import { Throughput } from '../../../service/runtime/throughput';

function throughputOf(parallel = 1): Throughput {
  const curve = new DurationCurve();
  curve.add(1, 11);
  curve.add(11, 21);
  return new Throughput(curve, parallel, () => 10);
}

describe('the time for a backlog to get a row shorter', () => {
  test('is at first what the largest batch promises', () => {
    expect(throughputOf().drainMsPerRow).toBeCloseTo(2, 6);
    expect(throughputOf(2).drainMsPerRow).toBeCloseTo(1, 6);
  });

  test('is then what runs with a backlog show', () => {
    const throughput = throughputOf();
    for (let i = 0; i < 100; i += 1) throughput.record(10, 20, 50, true);
    expect(throughput.drainMsPerRow).toBeCloseTo(5, 3);
  });

  test('is not learnt from runs that left nothing behind', () => {
    const throughput = throughputOf();
    throughput.record(1, 11, 11, false);
    expect(throughput.drainMsPerRow).toBeCloseTo(2, 1);
  });
});

describe('the time to the result of a run', () => {
  test('is that of the run and of what surrounds it', () => {
    const throughput = throughputOf();
    for (let i = 0; i < 200; i += 1) throughput.record(1 + (i % 2) * 10, 11 + (i % 2) * 10, 14 + (i % 2) * 10, false);
    expect(throughput.turnaroundMs(1)).toBeCloseTo(14, 1);
    expect(throughput.turnaroundMs(11)).toBeCloseTo(24, 1);
  });

  test('is unmoved by a run without rows', () => {
    const throughput = throughputOf();
    throughput.record(0, 1000, 1000, true);
    expect(throughput.turnaroundMs(1)).toBeCloseTo(11, 6);
  });
});
