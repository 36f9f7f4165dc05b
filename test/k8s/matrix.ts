import { SHOP } from './synth';

/** Peaks in requests/s, one for each tier. */
const PEAKS = [
  ['small', 20],
  ['medium', 500],
  ['large', 5000],
  ['very-large', 50_000],
] as const;

/** Specs on which everything must hold: each platform, tier and scaler, on CPUs and GPUs. */
export const SPECS: readonly (readonly [title: string, text: string])[] = ['eks', 'generic'].flatMap((platform) => [
  ...PEAKS.map(([tier, peakQps]): [string, string] => [
    `${tier} on ${platform}`,
    SHOP.replace('platform: eks', `platform: ${platform}`).replace(/peakQps: \d+/g, `peakQps: ${peakQps / 2}`),
  ]),
  [
    `keda on ${platform}`,
    SHOP.replace('platform: eks', `platform: ${platform}`)
      .replace('model-server: {}', 'model-server: {scaler: keda}')
      .replace('gpu: t4', 'gpu: t4, scaler: keda'),
  ],
]);

/** Settings with everything on. */
export const ALL_ON = {
  image: `registry.example/headroom:1.2@sha256:${'0123456789abcdef'.repeat(4)}`,
  gpuImage: `registry.example/headroom:1.2-gpu@sha256:${'fedcba9876543210'.repeat(4)}`,
  targetGroupArns: {
    'model-server': 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/model-server/0123456789abcdef',
  },
};

/** Settings with everything outside the cluster. */
export const ALL_OUTSIDE = {
  ...ALL_ON,
  redis: { url: 'rediss://cache.example:6379', iam: { user: 'headroom', cacheName: 'shop' } },
  modelStore: { url: 's3://models/shop' },
  featureStore: { url: 'https://features.example', port: 443 },
  batch: {
    model: 'fraud-detection',
    input: 'applicants',
    output: 'scored',
    claim: 'batch-data',
    shards: 8,
    format: 'jsonl' as const,
  },
};
