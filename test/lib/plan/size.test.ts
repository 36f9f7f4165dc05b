import { describe, expect, test } from '@jest/globals';
import { replicaSize } from '../../../lib/plan/size';

const MIB = 2 ** 20;

describe('the size of a replica', () => {
  test('is what is busy at capacity, a fifth more, in half cores', () => {
    // 1.4 cores × 1.2 = 1.68 → 2
    const size = replicaSize({
      hardware: 'cpu',
      cpuCoresAtCapacity: 1.4,
      cores: undefined,
      measuredMemory: [undefined],
    });
    expect(size.cpuMillicores).toBe(2000);
  });

  test('is never below a core, which the event loop needs', () => {
    const size = replicaSize({
      hardware: 'cpu',
      cpuCoresAtCapacity: 0.1,
      cores: undefined,
      measuredMemory: [undefined],
    });
    expect([size.cpuMillicores, size.workers]).toEqual([1000, 1]);
  });

  test('is exactly a step that it reaches exactly', () => {
    const size = replicaSize({
      hardware: 'cpu',
      cpuCoresAtCapacity: 1.25,
      cores: undefined,
      measuredMemory: [undefined],
    });
    expect(size.cpuMillicores).toBe(1500);
  });

  test('leaves a core to the event loop and gives the others to workers', () => {
    const size = replicaSize({ hardware: 'cpu', cpuCoresAtCapacity: 1, cores: 4, measuredMemory: [undefined] });
    expect([size.cpuMillicores, size.workers, size.intraOpThreads]).toEqual([4000, 3, 1]);
  });

  test('has the memory of its models and the cache, a quarter more, below the mark at which it retires', () => {
    // (300 + 200 + 64) × 1.25 / 0.8 = 881.25 → 896
    const size = replicaSize({
      hardware: 'cpu',
      cpuCoresAtCapacity: 1,
      cores: undefined,
      measuredMemory: [300 * MIB, 200 * MIB],
    });
    expect(size.memoryMib).toBe(896);
  });

  test('counts an assumed memory for a model that was not measured beside one that was', () => {
    // (300 + 256 + 64) × 1.25 / 0.8 = 968.75 → 1024
    const size = replicaSize({
      hardware: 'cpu',
      cpuCoresAtCapacity: 1,
      cores: undefined,
      measuredMemory: [300 * MIB, undefined],
    });
    expect(size.memoryMib).toBe(1024);
  });

  test('on a GPU has room for CUDA where nothing was measured', () => {
    const unmeasured = { cpuCoresAtCapacity: 1, cores: undefined, measuredMemory: [undefined] };
    expect(replicaSize({ hardware: 'gpu', ...unmeasured }).memoryMib).toBe(1024 + 1280);
    expect(replicaSize({ hardware: 'cpu', ...unmeasured }).memoryMib).toBe(1024);
  });
});
