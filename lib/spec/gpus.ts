/** GPUs that a pool may ask for: what the large clouds and clusters offer for inference. */
export const GPUS = {
  t4: 'NVIDIA T4, 16 GiB',
  l4: 'NVIDIA L4, 24 GiB',
  a10g: 'NVIDIA A10G, 24 GiB',
  l40s: 'NVIDIA L40S, 48 GiB',
  h100: 'NVIDIA H100, 80 GiB',
} as const;

export type GpuName = keyof typeof GPUS;

export const GPU_NAMES: readonly GpuName[] = Object.keys(GPUS).filter(isGpuName);

/** What a GPU pool gets that does not choose. */
export const DEFAULT_GPU: GpuName = 'l4';

/** How nodes with GPUs are paid on AWS where a pool does not say. */
export const DEFAULT_CAPACITY = 'on-demand';

function isGpuName(name: string): name is GpuName {
  return Object.hasOwn(GPUS, name);
}
