import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { DocumentError } from '../../../lib/spec/errors';
import { loadSpec, parseSpec, type Spec } from '../../../lib/spec/load';
import { specDocuments } from './spec-documents';

const root = join(__dirname, '../../..');

const GOOD = `name: shop
models:
  fraud: {useCase: fraud-detection, path: models/fraud, peakQps: 60, pool: web}
pools:
  web: {hardware: cpu}
`;

function mistakesOf(text: string): string[] {
  try {
    parseSpec(text, 'headroom.yaml');
    return [];
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    return error.mistakes.map(({ line, path, message }) => `${line} ${path}: ${message}`);
  }
}

function pool(spec: Spec, name: string) {
  return spec.pools.find((candidate) => candidate.name === name);
}

describe('the example spec', () => {
  const spec = loadSpec(join(root, 'headroom.yaml'));

  test('names its models by folders beside it', () => {
    expect(spec.models.map(({ folder }) => folder)).toEqual(
      ['fraud-detection', 'search-ranking', 'recommendations', 'image-classification'].map((name) =>
        join(root, 'models', name),
      ),
    );
  });

  test('gives the pool model-server 2 to 20 replicas at 70 % CPU and a p95 of 100 ms', () => {
    expect(pool(spec, 'model-server')).toEqual({
      name: 'model-server',
      hardware: 'cpu',
      gpu: undefined,
      minReplicas: 2,
      maxReplicas: 20,
      cpuUtilization: 70,
      scaler: 'hpa',
      models: ['fraud-detection', 'search-ranking'],
      slo: { p95Ms: 100, acceptableMs: 200 },
      peakQps: 900,
    });
  });

  test('is large today and very large at ten times its peak', () => {
    expect([spec.peakQps, spec.tier.name, spec.grownTier.name]).toEqual([1880, 'large', 'very-large']);
  });

  test('gives its GPU pool a GPU that its region has', () => {
    expect(pool(spec, 'vision')?.gpu).toBe('a10g');
  });
});

describe('defaults', () => {
  test('a GPU pool that does not choose gets an L4', () => {
    const spec = parseSpec(GOOD.replace('hardware: cpu', 'hardware: gpu'), 'headroom.yaml');
    expect(spec.pools.map(({ gpu }) => gpu)).toEqual(['l4']);
  });

  test('a spec without aws is for any cluster', () => {
    expect(parseSpec(GOOD, 'headroom.yaml').kubernetes.platform).toBe('generic');
  });

  test('a spec with aws is for EKS', () => {
    expect(parseSpec(`${GOOD}aws: {region: eu-west-1}`, 'headroom.yaml').kubernetes.platform).toBe('eks');
  });

  test('a pool keeps the strictest of each latency of its models', () => {
    const spec = parseSpec(
      `name: shop
models:
  a: {useCase: recommendations, path: a, peakQps: 1, pool: web, slo: {acceptableMs: 300}}
  b: {useCase: image-classification, path: b, peakQps: 1, pool: web, slo: {acceptableMs: 250}}
  c: {useCase: batch-predictions, path: c, peakQps: 0, pool: web}
pools: {web: {}}
`,
      'headroom.yaml',
    );
    expect(pool(spec, 'web')?.slo).toEqual({ p95Ms: 50, acceptableMs: 250 });
  });

  test('a pool of batch predictions alone has no SLO', () => {
    const spec = parseSpec(GOOD.replace('fraud-detection', 'batch-predictions'), 'headroom.yaml');
    expect(pool(spec, 'web')?.slo).toBeUndefined();
  });

  test('what a spec leaves out of the cache is left to model.yaml', () => {
    expect(parseSpec(GOOD, 'headroom.yaml').models[0]?.cache).toBeUndefined();
  });
});

describe('contradictions', () => {
  test.each([
    [
      'a pool that is not there',
      GOOD.replace('pool: web', 'pool: wbe'),
      [
        "3 models.fraud.pool: found 'wbe', expected one of the pools web (did you mean web?)",
        '5 pools.web: has no model, expected at least one model with pool: web',
      ],
    ],
    [
      'more minimum than maximum replicas',
      GOOD.replace('cpu}', 'cpu, maxReplicas: 1}'),
      [
        '5 pools.web.minReplicas: found minReplicas 2 and maxReplicas 1, expected minReplicas to be at most maxReplicas',
      ],
    ],
    [
      'a GPU in a CPU pool',
      GOOD.replace('cpu}', 'cpu, gpu: t4}'),
      ['5 pools.web.gpu: stands in a pool with hardware: cpu, expected hardware: gpu beside it'],
    ],
    [
      'a way to pay nodes in a CPU pool',
      GOOD.replace('cpu}', 'cpu, capacity: spot}'),
      ['5 pools.web.capacity: stands in a pool with hardware: cpu, expected hardware: gpu beside it'],
    ],
    [
      'a Capacity Block without its id',
      GOOD.replace('cpu}', 'gpu, capacity: capacity-block}'),
      ['5 pools.web.capacityBlock: is missing, expected the id of the Capacity Block that was bought'],
    ],
    [
      'the id of a Capacity Block without the word',
      GOOD.replace('cpu}', 'gpu, capacityBlock: cr-0123456789abcdef0}'),
      ['5 pools.web.capacityBlock: stands in a pool of another capacity, expected capacity: capacity-block beside it'],
    ],
    [
      'two ways to pay the nodes with one GPU',
      GOOD.replace('cpu}', 'gpu}\n  more: {hardware: gpu, gpu: l4, capacity: spot}').replace(
        'pools:',
        '  ranking: {useCase: search-ranking, path: models/ranking, peakQps: 60, pool: more}\npools:',
      ),
      [
        '7 pools.more.capacity: found spot, expected on-demand as in the pool web, which has the same GPU and so the same nodes',
      ],
    ],
    [
      'a burst below the rate',
      `${GOOD}consumers:\n  app: {rateQps: 10, burst: 9}\n`,
      ['7 consumers.app.burst: found 9, expected at least the rate, 10'],
    ],
    [
      'a domain without a zone',
      `${GOOD}aws:\n  region: eu-west-1\n  domain: predict.example.com\n`,
      ['6 aws.hostedZone: is missing, expected the name and id of the zone that holds predict.example.com'],
    ],
    [
      'a zone without a domain',
      `${GOOD}aws:\n  region: eu-west-1\n  hostedZone: {name: example.com, id: Z01}\n`,
      ['8 aws.hostedZone: stands alone, expected aws.domain beside it: a name in the zone'],
    ],
    [
      'a quota that no usage plan counts to',
      `${GOOD}consumers:\n  app: {rateQps: 10, burst: 10, quotaPerDay: 3000000000}\n`,
      ['7 consumers.app.quotaPerDay: found 3000000000, expected a whole number from 1 to 2147483647'],
    ],
    [
      'a domain outside its zone',
      `${GOOD}aws:\n  region: eu-west-1\n  domain: predict.example.com\n  hostedZone: {name: ample.com, id: Z01}\n`,
      ["8 aws.domain: found 'predict.example.com', expected a name in the zone ample.com"],
    ],
    [
      'a store of features with a password in its address',
      `${GOOD}aws:\n  region: eu-west-1\n  featureStore: {url: 'redis://:secret@features'}\n`,
      ['8 aws.featureStore.url: holds credentials, which a manifest must not'],
    ],
    [
      'a store of features of no known kind',
      `${GOOD}aws:\n  region: eu-west-1\n  featureStore: {url: 'dynamodb://t'}\n`,
      [
        "8 aws.featureStore.url: is 'dynamodb://t', expected redis[s]://host[:port], http[s]://host[:port] or dynamodb://table[?region=eu-west-1]",
      ],
    ],
    [
      'a token for a store of features that takes none',
      `${GOOD}aws:\n  region: eu-west-1\n  featureStore: {url: 'dynamodb://features', tokenSecret: {name: feast}}\n`,
      [
        "8 aws.featureStore.tokenSecret: stands beside 'dynamodb://features', expected http[s]://host[:port], which alone takes one",
      ],
    ],
    [
      'a region named twice',
      `${GOOD}aws: {region: eu-west-1, regions: [us-east-1, eu-west-1]}\n`,
      ["6 aws.regions[1]: found 'eu-west-1', expected a region other than aws.region"],
    ],
    [
      'a target above what is acceptable',
      GOOD.replace('web}', 'web, slo: {p95Ms: 250}}'),
      ['3 models.fraud.slo.p95Ms: found p95Ms 250 and acceptableMs 200, expected p95Ms to be at most acceptableMs'],
    ],
    [
      'half an SLO where the use case has none',
      GOOD.replace('fraud-detection', 'batch-predictions').replace('web}', 'web, slo: {p95Ms: 250}}'),
      ['3 models.fraud.slo.acceptableMs: is missing, expected milliseconds: batch-predictions has none of its own'],
    ],
    [
      'a model file in place of its folder',
      GOOD.replace('models/fraud', 'models/fraud/1/model.onnx'),
      [
        "3 models.fraud.path: found the file 'models/fraud/1/model.onnx', expected the folder of the model, with <version>/model.onnx below it",
      ],
    ],
    [
      'a URL of another kind',
      GOOD.replace('models/fraud', 'gs://bucket/fraud'),
      [
        "3 models.fraud.path: found the URL 'gs://bucket/fraud', expected a folder, s3://BUCKET/PREFIX or https://HOST/PATH",
      ],
    ],
    [
      'a model over plain HTTP',
      GOOD.replace('models/fraud', 'http://cdn.example.com/fraud'),
      [
        "3 models.fraud.path: found the unprotected URL 'http://cdn.example.com/fraud', expected a folder, s3://BUCKET/PREFIX or https://HOST/PATH",
      ],
    ],
    [
      'a URL with a secret in it',
      GOOD.replace('models/fraud', 'https://cdn.example.com/fraud?token=secret'),
      [
        '3 models.fraud.path: found a URL with a user, a query or a fragment, expected a folder, s3://BUCKET/PREFIX or https://HOST/PATH without them',
      ],
    ],
    [
      'S3 without a bucket',
      GOOD.replace('models/fraud', 's3:///fraud'),
      [
        "3 models.fraud.path: found 's3:///fraud', which names no S3 bucket and prefix, expected a folder, s3://BUCKET/PREFIX or https://HOST/PATH",
      ],
    ],
  ])('%s', (_what, text, mistakes) => {
    expect(mistakesOf(text)).toEqual(mistakes);
  });

  test('are told together with the mistakes that the schema finds', () => {
    expect(
      mistakesOf(`name: Shop
models:
  fraud: {useCase: fraud, path: models/fraud, peakQps: -1, pool: web}
pools:
  web: {hardware: gpu, gpu: h9000, minReplicas: 30}
  idle: {}
consumers:
  app: {rateQps: 10, burst: 9, quotaPerDay: -1}
`),
    ).toEqual([
      expect.stringMatching(/^1 name: found 'Shop', expected a name of at most 63/),
      "3 models.fraud.useCase: found 'fraud', expected one of recommendations, search-ranking, fraud-detection, image-classification, batch-predictions (did you mean fraud-detection?)",
      '3 models.fraud.peakQps: found -1, expected a number from 0 to 100000000',
      "5 pools.web.gpu: found 'h9000', expected one of t4, l4, a10g, l40s, h100 (did you mean h100?)",
      '5 pools.web.minReplicas: found minReplicas 30 and maxReplicas 20, expected minReplicas to be at most maxReplicas',
      '6 pools.idle: has no model, expected at least one model with pool: idle',
      '8 consumers.app.burst: found 9, expected at least the rate, 10',
      '8 consumers.app.quotaPerDay: found -1, expected a whole number from 1 to 2147483647',
    ]);
  });
});

test.each([
  ['administrators: [platform]', "administrators[0]: found 'platform', expected the ARN of a role such as arn:"],
  ['administrators: [arn:aws:iam::123456789012:user/me]', 'expected the ARN of a role such as arn:'],
  ['publicAccessCidrs: [203.0.113.0]', "publicAccessCidrs[0]: found '203.0.113.0', expected a network such as 203."],
  ['publicAccessCidrs: [203.0.113.256/24]', 'expected a network such as 203.0.113.0/24'],
  ['publicAccessCidrs: [203.0.113.0/33]', 'expected a network such as 203.0.113.0/24'],
])('of who administers the cluster, %s is refused', (field, message) => {
  expect(mistakesOf(`${GOOD}aws:\n  region: eu-west-1\n  cluster: {${field}}\n`)).toEqual([
    expect.stringContaining(message),
  ]);
});

describe('authorisation', () => {
  const ISSUER = 'issuer: https://login.example.com/, jwksUrl: https://login.example.com/jwks.json';
  const spec = (authorization: string, consumers = '{}') =>
    `${GOOD}aws:\n  region: eu-west-1\n  authorization: ${authorization}\nconsumers: ${consumers}\n`;

  test('is by API key unless the spec says otherwise', () => {
    expect(parseSpec(`${GOOD}aws: {region: eu-west-1}`, 'headroom.yaml').aws?.authorization).toEqual({
      type: 'api-key',
    });
  });

  test('by JWT takes the client from the claim of RFC 9068', () => {
    const { aws } = parseSpec(spec(`{type: jwt, ${ISSUER}, audience: [headroom]}`), 'headroom.yaml');
    expect(aws?.authorization).toMatchObject({ audience: ['headroom'], clientClaim: 'client_id' });
  });

  test.each([
    ['{type: jtw}', "type: found 'jtw', expected one of api-key, cognito, jwt, iam (did you mean jwt?)"],
    ['{}', 'type: is missing, expected one of api-key, cognito, jwt, iam'],
    [`{type: jwt, ${ISSUER}}`, 'audience: is missing, expected a list of 1 to 10 items'],
    [`{type: jwt, ${ISSUER}, audience: []}`, 'audience: found a list of 0, expected a list of 1 to 10 items'],
    [
      '{type: jwt, issuer: http://a.example, jwksUrl: https://a.example/keys, audience: [a]}',
      "issuer: found 'http://a.example', expected an https URL such as https://login.example.com/",
    ],
    ['{type: cognito}', 'userPools: is missing, expected a list of 1 to 10 items, each the id of a user pool such as'],
    ['{type: cognito, userPools: [abc]}', "userPools[0]: found 'abc', expected the id of a user pool such as"],
    ['{type: iam, scopes: [a]}', "scopes: found the unknown key 'scopes', expected one of type"],
  ])('%s is refused with its line', (authorization, message) => {
    expect(mistakesOf(spec(authorization))).toEqual([expect.stringContaining(`8 aws.authorization.${message}`)]);
  });

  test('by anything but JWT knows no clients', () => {
    const web = '{web: {rateQps: 1, burst: 1, clientId: abc}}';
    const message =
      'consumers.web.clientId: stands beside the authorization by iam, expected aws.authorization of the type jwt';
    expect(mistakesOf(spec('{type: iam}', web))).toEqual([`9 ${message}`]);
    expect(mistakesOf(`${GOOD}consumers: ${web}\n`)).toEqual([`6 ${message.replace('iam', 'api-key')}`]);
  });

  test('counts each client against one consumer: the name of one is its client, too', () => {
    const consumers = '{web: {rateQps: 1, burst: 1}, app: {rateQps: 1, burst: 1, clientId: web}}';
    expect(mistakesOf(spec(`{type: jwt, ${ISSUER}, audience: [a]}`, consumers))).toEqual([
      "9 consumers.app.clientId: found 'web', expected another client than that of web",
    ]);
  });
});

test('a value that the schema refuses is not told a second time as a contradiction', () => {
  expect(mistakesOf(`${GOOD}consumers:\n  app: {rateQps: 10, burst: -1}\n`)).toEqual([
    '7 consumers.app.burst: found -1, expected a whole number from 1 to 100000000',
  ]);
});

test('folders are relative to the spec, not to where the program runs', () => {
  expect(parseSpec(GOOD, '/srv/shop/headroom.yaml').models[0]?.folder).toBe('/srv/shop/models/fraud');
});

describe('names', () => {
  test('of pools may have 63 characters', () => {
    expect(mistakesOf(GOOD.replaceAll('web', 'w'.repeat(63)))).toEqual([]);
  });

  test.each(['w'.repeat(64), 'Web', '1web', 'web-', 'we_b', 'wéb'])('of pools are refused: %s', (name) => {
    expect(mistakesOf(GOOD.replaceAll('web', name))).toContainEqual(
      expect.stringContaining(`pools.${/^[\w-]+$/.test(name) ? name : ''}`.replace(/\.$/, '')),
    );
  });

  test('given to two pools are refused', () => {
    expect(mistakesOf(`${GOOD}  web: {hardware: gpu}\n`)).toEqual([
      "6 pools.web: found the key 'web' again, first given in line 5",
    ]);
  });
});

describe('files', () => {
  test('that do not exist are named', () => {
    expect(() => loadSpec('nowhere/headroom.yaml')).toThrow(
      "cannot read the spec nowhere/headroom.yaml: it does not exist ('headroom init' writes one)",
    );
  });

  test('that are folders are named', () => {
    expect(() => loadSpec(root)).toThrow(/it is a folder, expected a file/);
  });
});

test('a later part can tell a mistake with the line of the spec', () => {
  const { source } = parseSpec(GOOD, 'headroom.yaml');
  expect(source.mistakeAt(['pools', 'web', 'hardware'], 'found cpu')).toMatchObject({ line: 5, column: 19 });
});

test('any spec that is right comes back as written', () => {
  fc.assert(
    fc.property(specDocuments(), (document) => {
      const spec = parseSpec(stringify(document), 'headroom.yaml');
      expect(spec.models.map(({ name }) => name)).toEqual(Object.keys(document.models));
      expect(spec.pools).toMatchObject(Object.entries(document.pools).map(([name, pool]) => ({ name, ...pool })));
      expect(spec.consumers).toEqual(
        Object.entries(document.consumers).map(([name, consumer]) => ({ name, ...consumer })),
      );
      expect(spec.growth).toBe(document.growth);
      expect(spec.aws ?? null).toEqual(document.aws ?? null);
    }),
    { numRuns: 200 },
  );
});

test('any change of a right spec is another right spec or a list of mistakes with their lines', () => {
  const anything = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom('web', 'gpu', '__proto__', 1e300, -1, ''));
  const change = fc.record({ line: fc.nat(60), keep: fc.nat(30), value: anything });
  fc.assert(
    fc.property(specDocuments(), fc.array(change, { minLength: 1, maxLength: 4 }), (document, changes) => {
      const lines = stringify(document).split('\n');
      for (const { line, keep, value } of changes) {
        const index = line % lines.length;
        lines[index] = `${lines[index]?.slice(0, keep)}${JSON.stringify(value)}`;
      }
      for (const mistake of mistakesOf(lines.join('\n'))) {
        const line = Number.parseInt(mistake, 10);
        expect(line).toBeGreaterThanOrEqual(1);
        expect(line).toBeLessThanOrEqual(lines.length);
      }
    }),
    { numRuns: 300 },
  );
});
