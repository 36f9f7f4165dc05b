import { describe, expect, test } from '@jest/globals';
import { replicaSize, type SizeInput, unplannedSize } from '../../../lib/plan/size';

const MIB = 2 ** 20;

const sizeOf = (input: Partial<SizeInput>) =>
  replicaSize({
    hardware: 'cpu',
    cpuCoresAtCapacity: 1,
    cores: undefined,
    leastCores: 1,
    measuredMemory: [undefined],
    ...input,
  });

describe('the size of a replica', () => {
  test('is what is busy at capacity, a fifth more, in half cores', () => {
    // 1.4 cores × 1.2 = 1.68 → 2
    const size = sizeOf({ cpuCoresAtCapacity: 1.4 });
    expect(size.cpuMillicores).toBe(2000);
  });

  test('is never below a core, which the event loop needs', () => {
    const size = sizeOf({ cpuCoresAtCapacity: 0.1 });
    expect([size.cpuMillicores, size.workers]).toEqual([1000, 1]);
  });

  test('is exactly a step that it reaches exactly', () => {
    const size = sizeOf({ cpuCoresAtCapacity: 1.25 });
    expect(size.cpuMillicores).toBe(1500);
  });

  test('leaves a core to the event loop and gives the others to workers', () => {
    const size = sizeOf({ cores: 4 });
    expect([size.cpuMillicores, size.workers, size.intraOpThreads]).toEqual([4000, 3, 1]);
  });

  test('has the memory of its models and the cache, a quarter more, below the mark at which it retires', () => {
    // (300 + 200 + 64) × 1.25 / 0.8 = 881.25 → 896
    const size = sizeOf({ measuredMemory: [300 * MIB, 200 * MIB] });
    expect(size.memoryMib).toBe(896);
  });

  test('counts an assumed memory for a model that was not measured beside one that was', () => {
    // (300 + 256 + 64) × 1.25 / 0.8 = 968.75 → 1024
    const size = sizeOf({ measuredMemory: [300 * MIB, undefined] });
    expect(size.memoryMib).toBe(1024);
  });

  test('on a GPU has room for CUDA where nothing was measured', () => {
    expect(sizeOf({ hardware: 'gpu' }).memoryMib).toBe(1024 + 1280);
    expect(sizeOf({ hardware: 'cpu' }).memoryMib).toBe(1024);
  });

  test('on a GPU has one worker, whatever cores it has: each would hold the weights once more', () => {
    expect(sizeOf({ hardware: 'gpu', cpuCoresAtCapacity: 4 }).workers).toBe(1);
  });

  test('has a core for each thread of a run, however little is busy', () => {
    expect(sizeOf({ cpuCoresAtCapacity: 0.6, leastCores: 4 })).toMatchObject({ cpuMillicores: 4000, workers: 3 });
    expect(sizeOf({ cpuCoresAtCapacity: 5, leastCores: 4 }).cpuMillicores).toBe(6000);
  });

  test('without a plan has two cores, and more only where a run takes more', () => {
    expect([1, 2, 4].map((cores) => unplannedSize('cpu', cores).cpuMillicores)).toEqual([2000, 2000, 4000]);
  });
});
