import { parsePrices } from '../../../lib/plan/prices';
import type { Profile } from '../../../lib/plan/profile';
import { parseSpec } from '../../../lib/spec/load';

/** A measured model: at 300 requests/s p95 is 100 ms, and 0.6 cores are busy. */
export const PROFILE: Profile = {
  model: 'fraud',
  artifactDigest: 'a'.repeat(64),
  machine: { cpu: 'Test CPU', cores: 2, memoryBytes: 4e9, node: 'v20.20.2' },
  measuredAt: '2026-11-24T12:00:00Z',
  slo: { p95Ms: 100 },
  capacityQps: 300,
  serviceTime: { fixedMs: 1, perRowMs: 0.5 },
  cpuSecondsPerRequest: 0.002,
  coldStartSeconds: 12,
};

/** Round prices, so that sums can be done by hand. */
export const PRICE_DOCUMENT = {
  currency: 'USD',
  lists: [
    {
      region: 'eu-west-1',
      date: '2026-07-20',
      source: 'a test',
      prices: {
        'ec2/c7g.large': 0.1,
        'ec2/c7g.xlarge': 0.2,
        'ec2/c7g.2xlarge': 0.4,
        'ec2/m7g.large': 0.1,
        'eks/cluster': 0.1,
        'nat-gateway': 0.05,
        'interface-endpoint': 0.01,
        'load-balancer': 0.02,
        'load-balancer/lcu': 0.01,
        'api-gateway/requests': [{ upTo: 333, price: 3.5 }, { upTo: 1000, price: 2.8 }, { price: 2 }],
        'transfer-out': 0.1,
        'cloudfront/requests': 1,
        'cloudfront/traffic': 0.08,
        'elasticache/cache.t4g.small': 0.03,
        'elasticache/cache.r7g.large': 0.2,
        'elasticache/valkey/cache.r7g.large': 0.2,
        'elasticache/serverless-redis/storage': 0.1,
        'elasticache/serverless-redis/ecpus': 0.004,
        'elasticache/serverless-valkey/storage': 0.05,
        'elasticache/serverless-valkey/ecpus': 0.002,
      },
    },
    {
      region: '*',
      date: '2026-07-20',
      source: 'a test',
      prices: { 'waf/acl': 5, 'waf/rule': 1, 'waf/requests': 0.5 },
    },
  ],
};

export const PRICES = parsePrices(JSON.stringify(PRICE_DOCUMENT), 'prices.json', 'eu-west-1');

/** One pool with one model, of a peak and with more of the spec as wanted. */
export function specOf(peakQps: number, more = '', pool = '{}') {
  return parseSpec(
    `name: shop
models:
  fraud: {useCase: fraud-detection, path: models/fraud, peakQps: ${peakQps}, pool: web}
pools: {web: ${pool}}
${more}`,
    'headroom.yaml',
  );
}
