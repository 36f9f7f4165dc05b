import fc from 'fast-check';
import { GPU_NAMES } from '../../../lib/spec/gpus';
import type { SpecDocument } from '../../../lib/spec/schema';
import { USE_CASE_NAMES } from '../../../lib/spec/use-cases';

const name = fc.stringMatching(/^[a-z](?:[-a-z0-9]{0,10}[a-z0-9])?$/);
const rate = fc.double({ min: 0.001, max: 1e6, noNaN: true });
const ttlSeconds = fc.integer({ min: 1, max: 100_000 });

const model = {
  useCase: fc.constantFrom(...USE_CASE_NAMES),
  path: fc.constantFrom('models/a', './b', '../c', '/srv/models/d', 'models/with blank', 'models/ünï: #1'),
  peakQps: fc.double({ min: 0, max: 1e6, noNaN: true }),
  cache: fc.record({ enabled: fc.boolean(), ttlSeconds }, { requiredKeys: [] }),
  features: fc.record({ view: fc.constantFrom('user', 'Item view', '42'), ttlSeconds }),
  slo: fc.constantFrom({ p95Ms: 20, acceptableMs: 40 }, { p95Ms: 0.5, acceptableMs: 0.5 }),
};

const pool = fc
  .record({
    hardware: fc.constantFrom('cpu', 'gpu'),
    minReplicas: fc.integer({ min: 1, max: 100 }),
    maxReplicas: fc.integer({ min: 100, max: 10_000 }),
    cpuUtilization: fc.integer({ min: 1, max: 100 }),
    scaler: fc.constantFrom('hpa', 'keda'),
    gpu: fc.constantFrom(...GPU_NAMES),
  })
  .map(({ gpu, ...rest }) => (rest.hardware === 'gpu' ? { ...rest, gpu } : rest));

const consumer = fc
  .record(
    { rateQps: rate, burst: fc.nat(1000), quotaPerDay: fc.integer({ min: 1 }) },
    { requiredKeys: ['rateQps', 'burst'] },
  )
  .map(({ burst, ...rest }) => ({ ...rest, burst: Math.ceil(rest.rateQps) + burst }));

const authorization = fc.constantFrom<NonNullable<SpecDocument['aws']>['authorization'][]>(
  { type: 'api-key' },
  { type: 'iam' },
  { type: 'cognito', userPools: ['eu-west-1_AbCdEf123'], scopes: ['predict/read'] },
  {
    type: 'jwt',
    issuer: 'https://login.example.com/',
    audience: ['headroom'],
    jwksUrl: 'https://login.example.com/jwks.json',
    clientClaim: 'azp',
  },
);

const aws = fc.record(
  {
    region: fc.constantFrom('eu-west-1', 'us-gov-east-1'),
    account: fc.constantFrom('123456789012', '000000000001'),
    environment: fc.constantFrom('dev', 'prod'),
    redis: fc.record({ engine: fc.constantFrom('redis', 'valkey'), serverless: fc.boolean() }),
    featureStore: fc.constantFrom<NonNullable<SpecDocument['aws']>['featureStore'][]>(
      { url: 'dynamodb://features' },
      { url: 'https://features.example', tokenSecret: { name: 'feast', key: 'token' } },
    ),
    authorization,
    cluster: fc.record({
      administrators: fc.constantFrom<string[][]>([], ['arn:aws:iam::123456789012:role/platform']),
      publicAccessCidrs: fc.constantFrom<string[][]>([], ['203.0.113.0/24', '198.51.100.7/32']),
    }),
    modelReaders: fc.constantFrom<string[][]>([], ['203.0.113.0/24']),
    budgetUsdPerMonth: rate,
    regions: fc.constantFrom<string[][]>([], ['us-east-1'], ['us-east-1', 'ap-southeast-2']),
  },
  { requiredKeys: ['region', 'environment', 'authorization', 'cluster', 'modelReaders', 'regions'] },
);

/** Specs that are right, as a person could have written them. */
export function specDocuments(): fc.Arbitrary<SpecDocument> {
  return fc.uniqueArray(name, { minLength: 1, maxLength: 4 }).chain((pools) =>
    fc.record(
      {
        name,
        models: modelsFor(pools),
        pools: fc
          .tuple(...pools.map(() => pool))
          .map((all) => Object.fromEntries(all.map((one, i) => [pools[i], one]))),
        consumers: fc.dictionary(name, consumer, { maxKeys: 3 }),
        growth: fc.double({ min: 1, max: 1000, noNaN: true }),
        kubernetes: fc.record({ platform: fc.constantFrom('eks', 'generic') }, { requiredKeys: [] }),
        aws,
      },
      { requiredKeys: ['name', 'models', 'pools', 'consumers', 'growth', 'kubernetes'] },
    ),
  );
}

/** At least one model for each pool. */
function modelsFor(pools: readonly string[]): fc.Arbitrary<SpecDocument['models']> {
  return fc
    .uniqueArray(name, { minLength: pools.length, maxLength: pools.length + 3 })
    .chain((names) =>
      fc
        .tuple(
          ...names.map((_, i) =>
            fc.record(
              { ...model, pool: fc.constant(pools[i % pools.length] ?? '') },
              { requiredKeys: ['useCase', 'path', 'peakQps', 'pool'] },
            ),
          ),
        )
        .map((all) => Object.fromEntries(all.map((one, i) => [names[i], one]))),
    );
}
