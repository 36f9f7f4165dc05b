import { describe, expect, test } from '@jest/globals';
import { availableCores } from '../../../service/runtime/cores';

function coresWith(parallelism: number, files: Readonly<Record<string, string>>): number {
  return availableCores(parallelism, (path) => files[path]);
}

const V2 = '/sys/fs/cgroup/cpu.max';
const V1 = '/sys/fs/cgroup/cpu/cpu.cfs_quota_us';
const V1_PERIOD = '/sys/fs/cgroup/cpu/cpu.cfs_period_us';

describe('availableCores', () => {
  test('is what the process may run on where no quota is set', () => {
    expect(coresWith(8, {})).toBe(8);
    expect(coresWith(8, { [V2]: 'max 100000\n' })).toBe(8);
    expect(coresWith(8, { [V1]: '-1\n', [V1_PERIOD]: '100000\n' })).toBe(8);
  });

  test('is cut down to the quota of the container', () => {
    expect(coresWith(8, { [V2]: '200000 100000\n' })).toBe(2);
    expect(coresWith(8, { [V1]: '400000\n', [V1_PERIOD]: '100000\n' })).toBe(4);
  });

  test('counts whole cores, and at least one', () => {
    expect(coresWith(8, { [V2]: '250000 100000\n' })).toBe(2);
    expect(coresWith(8, { [V2]: '50000 100000\n' })).toBe(1);
  });

  test('takes a file that cannot be understood for no quota', () => {
    expect(coresWith(4, { [V2]: 'something else' })).toBe(4);
    expect(coresWith(4, { [V2]: '' })).toBe(4);
  });

  test('looks at this machine by itself', () => {
    expect(availableCores()).toBeGreaterThanOrEqual(1);
  });
});
