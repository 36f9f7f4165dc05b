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

describe('a process that was held up for a second', () => {
  test('does not think its backlog slow: no estimate grows by more than a third', () => {
    // GIVEN runs with a backlog, 2 ms a row
    const throughput = throughputOf();
    for (let i = 0; i < 50; i += 1) throughput.record(10, 20, 20, true);
    const [turnaroundMs, drainMsPerRow] = [throughput.turnaroundMs(10), throughput.drainMsPerRow];
    // WHEN a run, or what surrounds it, takes in a second in which the process was stopped
    throughput.record(10, 20, 1020, true);
    // THEN the next jobs are judged much as before
    expect(throughput.turnaroundMs(10)).toBeLessThan(1.34 * turnaroundMs);
    expect(throughput.drainMsPerRow).toBeLessThan(1.34 * drainMsPerRow);
  });

  test('does not begin by what it saw then', () => {
    const throughput = throughputOf();
    throughput.record(10, 20, 1020, true);
    expect(throughput.drainMsPerRow).toBeLessThan(4.01 * 2);
  });

  test('is believed to have become slower when it stays so', () => {
    const throughput = throughputOf();
    for (let i = 0; i < 100; i += 1) throughput.record(10, 20, 400, true);
    expect(throughput.drainMsPerRow).toBeCloseTo(40, 0);
  });

  test('learns from runs without a backlog that it is fast again', () => {
    // GIVEN an estimate so high that no backlog is admitted any more
    const throughput = throughputOf();
    for (let i = 0; i < 100; i += 1) throughput.record(10, 20, 400, true);
    // WHEN what is admitted runs as fast as before
    for (let i = 0; i < 100; i += 1) throughput.record(10, 20, 20, false);
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
