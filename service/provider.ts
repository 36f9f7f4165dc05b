/** What a model's operators run on, by ONNX Runtime's names. */
export const PROVIDERS = ['cpu', 'cuda', 'tensorrt'] as const;

export type Provider = (typeof PROVIDERS)[number];

/** In order of preference: what one cannot run, the next one does, and the CPU can run all. */
export function withFallbacks(provider: Provider): Provider[] {
  return [...PROVIDERS.slice(0, PROVIDERS.indexOf(provider) + 1)].reverse();
}

export function isProvider(text: string): text is Provider {
  return PROVIDERS.some((provider) => provider === text);
}
