import { describe, expect, test } from '@jest/globals';
import { gpusOfRegion, regionsOfGpu } from '../../../lib/plan/gpu-regions';
import { INSTANCE_TYPES, instanceType, roomForPods, typesWithRoom } from '../../../lib/plan/instance-types';
import { GPU_NAMES } from '../../../lib/spec/gpus';

describe('instance types', () => {
  test('each name stands once', () => {
    expect(new Set(INSTANCE_TYPES.map(({ name }) => name)).size).toBe(INSTANCE_TYPES.length);
  });

  test('Graviton is told from x86 as the names tell it', () => {
    for (const { name, architecture } of INSTANCE_TYPES) {
      expect({ name, architecture }).toEqual({ name, architecture: /^\w\dg\./.test(name) ? 'arm64' : 'x86_64' });
    }
  });

  test.each(GPU_NAMES)('the GPU %s comes alone, as replicas ask for it', (gpu) => {
    const single = INSTANCE_TYPES.filter((type) => type.gpu?.name === gpu && type.gpu.count === 1);
    expect(single).not.toEqual([]);
  });

  test('an unknown name has no type', () => {
    expect(instanceType('c99.xlarge')).toBeUndefined();
  });
});

describe('room for pods', () => {
  // Allocatable resources as Karpenter's reference states them, less the 150m of EKS' own daemons.
  test.each([
    ['c7g.large', 1780, 3055],
    ['t3.medium', 1780, 3246],
    ['c6i.4xlarge', 15740, 27381],
    ['m7i.16xlarge', 63620, 234021],
    ['g6.xlarge', 3770, 14162],
    ['g6e.48xlarge', 191300, 1449132],
    ['p5.48xlarge', 191300, 1938410],
  ])('%s leaves %i millicores and %i MiB', (name, cpuMillicores, memoryMib) => {
    const type = instanceType(name);
    expect(type && roomForPods(type)).toEqual({ cpuMillicores, memoryMib });
  });

  test('a pod of two whole cores needs a node of four', () => {
    const [smallest] = typesWithRoom({ architecture: 'arm64', cpuMillicores: 2000, memoryMib: 1024 });
    expect(smallest?.vcpus).toBe(4);
  });

  test('a GPU is asked for by its name', () => {
    const types = typesWithRoom({ architecture: 'x86_64', cpuMillicores: 2000, memoryMib: 1024, gpu: 'a10g' });
    expect(types[0]?.name).toBe('g5.xlarge');
    expect(types.every(({ gpu }) => gpu?.name === 'a10g')).toBe(true);
  });

  test('pods without GPU do not get one', () => {
    const types = typesWithRoom({ architecture: 'x86_64', cpuMillicores: 2000, memoryMib: 1024 });
    expect(types.every(({ gpu }) => gpu === undefined)).toBe(true);
  });

  test('there is no room for what no node holds', () => {
    expect(typesWithRoom({ architecture: 'arm64', cpuMillicores: 1e6, memoryMib: 1024 })).toEqual([]);
  });
});

describe('GPUs by region', () => {
  test('Ireland has no L4, but the A10G and the T4', () => {
    expect(gpusOfRegion('eu-west-1')).toEqual(['t4', 'a10g']);
  });

  test('a region may have none', () => {
    expect(gpusOfRegion('ap-southeast-4')).toEqual([]);
  });

  test('nothing is claimed of a region that the source does not cover', () => {
    expect(gpusOfRegion('sa-east-1')).toBeUndefined();
  });

  test.each(GPU_NAMES)('%s is in the first region of AWS', (gpu) => {
    expect(regionsOfGpu(gpu)).toContain('us-east-1');
  });
});
