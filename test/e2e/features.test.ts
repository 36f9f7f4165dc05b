import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { INVALIDATION_CHANNEL } from '../../service/cache/invalidation';
import { FeatureServer } from '../service/cache/features/feature-server';
import { adder, sums } from '../support/adder';
import { AWS_KEYS, DynamoServer } from '../support/dynamo-server';
import type { ModelFolder } from '../support/model-folder';
import { RedisServer } from '../support/redis-server';
import { type Answer, errorOf, eventually, post, send } from '../support/requests';
import { type ServiceProcess, startService } from '../support/service-process';

const RECOMMENDATIONS = '/v1/models/recommendations';

const ask = (service: ServiceProcess, ...instances: unknown[]): Promise<Answer> =>
  post(`${service.url}/v1/models/add:predict`, { instances });

const sources = ({ headers }: Answer) => headers.get('x-headroom-features');

describe('entities of the bundled recommender', () => {
  let service: ServiceProcess;

  beforeAll(async () => {
    service = await startService();
  });
  afterAll(() => service.stop());

  test('an entity is predicted as the features stored for it', async () => {
    const isAnswered = ({ status }: Answer) => status === 200;
    // On a busy machine the first ones may miss the model's deadline.
    const ask = () => post(`${service.url}${RECOMMENDATIONS}:predict`, { instances: [{ entity: 'user_7' }] });
    const answer = await eventually(ask, isAnswered);
    const byEntity = await eventually(() => send(`${service.url}${RECOMMENDATIONS}/entities/user_7`), isAnswered);
    expect(answer.json).toEqual({ predictions: [Object(byEntity.json).prediction] });
    expect(Object(byEntity.json).prediction.items).toHaveLength(5);
  });

  test('the answer tells where the features came from and how old they may be', async () => {
    const instances = [{ entity: 'user_8' }, { entity: 'nobody' }, { tea: true }];
    const answer = await post(`${service.url}${RECOMMENDATIONS}:predict`, { instances });
    expect(sources(answer)).toBe('fetched=1, unknown=1');
    expect(Date.parse(answer.headers.get('x-headroom-features-as-of') ?? '')).not.toBeNaN();
    expect(sources(await send(`${service.url}${RECOMMENDATIONS}/entities/user_8`))).toBe('cached=1');
  });

  test('a plain instance is answered without a word about features', async () => {
    const answer = await post(`${service.url}${RECOMMENDATIONS}:predict`, { instances: [{ tea: true }] });
    expect([answer.status, sources(answer)]).toEqual([200, null]);
  });

  test('an answer by entity is private, has a strong entity tag, and is not sent twice', async () => {
    const url = `${service.url}${RECOMMENDATIONS}/entities/user_9`;
    const first = await send(url);
    const etag = first.headers.get('etag') ?? '';
    expect(etag).toMatch(/^"[\w-]{22}"$/);
    expect(first.headers.get('cache-control')).toMatch(
      /^private, max-age=\d+, stale-while-revalidate=30, stale-if-error=600$/,
    );
    expect(first.headers.get('vary')).toBe('accept-encoding, authorization, x-api-key');
    const second = await send(url, { headers: { 'if-none-match': `"other", W/${etag}` } });
    expect([second.status, second.text, second.headers.get('etag')]).toEqual([304, '', etag]);
    expect(second.headers.get('cache-control')).toMatch(/^private, max-age=/);
  });

  test.each([
    ['an entity that is no name', { entity: {} }, "instance 0: 'entity' is an object"],
    ['an entity without a character', { entity: '' }, 'instance 0: \'entity\' is ""'],
    ['something beside the entity', { entity: 'a', tea: true }, 'allowed: entity, features'],
    ['features that are none', { entity: 'a', features: 1 }, 'expected an object of features'],
    ['an unknown feature', { entity: 'user_1', features: { te: true } }, "did you mean 'tea'?"],
  ])('%s is refused', async (_, instance, message) => {
    const answer = await post(`${service.url}${RECOMMENDATIONS}:predict`, { instances: [instance] });
    expect([answer.status, errorOf(answer)]).toEqual([400, expect.stringContaining(message)]);
  });

  test('a model without a view has no entities, and says so where no cache keeps it', async () => {
    const answer = await send(`${service.url}/v1/models/fraud-detection/entities/a`);
    expect([answer.status, errorOf(answer), answer.headers.get('cache-control')]).toEqual([
      404,
      "model 'fraud-detection' has no featureView in its model.yaml",
      'no-store',
    ]);
  });

  test('an entity is not forgotten of a model that knows none', async () => {
    const { status, text } = await post(
      `${service.adminUrl}/v1/cache/models/fraud-detection/entities/u/invalidate`,
      '',
    );
    expect([status, text]).toEqual([404, expect.stringContaining('has no featureView in its model.yaml')]);
  });

  test('an entity whose predictions are invalidated is read again', async () => {
    const url = `${service.url}${RECOMMENDATIONS}/entities/user_10`;
    await send(url);
    await post(`${service.adminUrl}/v1/cache/models/recommendations/entities/user_10/invalidate`, '');
    expect(sources(await send(url))).toBe('fetched=1');
  });
});

describe('features from a server', () => {
  let server: FeatureServer;
  let service: ServiceProcess | undefined;
  let folder: ModelFolder | undefined;

  beforeEach(async () => {
    server = await FeatureServer.start({ u: { a: 2, b: 3 }, half: { b: 3 } });
  });
  afterEach(async () => {
    await service?.stop();
    await server.stop();
    folder?.delete();
  });

  async function start(view: string, cache?: string): Promise<ServiceProcess> {
    folder = adder(view, cache);
    service = await startService(['--models', folder.path, '--feature-store', server.url]);
    return service;
  }

  test('what a request brings goes before what is stored', async () => {
    const running = await start('featureView: {name: user, budgetMs: 10000}');
    const answers = await ask(running, { entity: 'u' }, { entity: 'u', features: { b: 10 } }, { a: 1, b: 1 });
    expect(sums(answers)).toEqual([5, 12, 2]);
    expect(server.asked).toEqual([['u']]);
  });

  test('an entity that nobody knows is not found where its features are needed', async () => {
    const running = await start('featureView: {name: user, budgetMs: 10000}');
    const [posted, got] = [await ask(running, { entity: 'x' }), await send(`${running.url}/v1/models/add/entities/x`)];
    expect([posted.status, got.status]).toEqual([404, 404]);
    expect(errorOf(got)).toBe("the feature store does not know entity 'x', and feature 'a' has no default");
  });

  test('every prediction tells the version that made it', async () => {
    // GIVEN a model in two versions
    folder = adder('featureView: {name: user, budgetMs: 2000}').add('add', 'add', 7);
    service = await startService(['--models', folder.path, '--feature-store', server.url]);
    const model = `${service.url}/v1/models/add`;
    const question = { instances: [{ a: 1, b: 1 }] };
    const tensor = { datatype: 'FP32', shape: [1, 3], data: [1, 0, 0] };
    const inputs = ['a', 'b'].map((name) => ({ name, ...tensor }));

    // WHEN it is asked in every way, once for an answer that is kept, and once for one that the caller has
    const byEntity = await send(`${model}/entities/u`);
    const answers = [
      await post(`${model}:predict`, question),
      await post(`${model}:predict`, question),
      await post(`${model}/versions/1:predict`, question),
      await post(`${service.url}/v2/models/add/infer`, { inputs }),
      byEntity,
      await send(`${model}/entities/u`, { headers: { 'if-none-match': byEntity.headers.get('etag') ?? '' } }),
    ];

    // THEN each names its version
    expect(answers.map(({ status, headers }) => [status, headers.get('x-headroom-model-version')])).toEqual([
      [200, '7'],
      [200, '7'],
      [200, '1'],
      [200, '7'],
      [200, '7'],
      [304, '7'],
    ]);
  });

  test('a server that fails is told of with 503, and nothing of it is kept', async () => {
    const running = await start('featureView: {name: user, budgetMs: 10000}');
    server.behaviour = 'fail';
    const answer = await send(`${running.url}/v1/models/add/entities/u`);
    expect([answer.status, answer.headers.get('retry-after'), answer.headers.get('cache-control')]).toEqual([
      503,
      '1',
      'no-store',
    ]);
    expect(errorOf(answer)).toBe(
      "the features of entity 'u' cannot be read: the feature store does not answer as it should",
    );
  });

  test('where the model says so, defaults stand for a server that stalls', async () => {
    const running = await start('featureView: {name: user, onStoreError: defaults, budgetMs: 20}');
    server.behaviour = 'stall';
    const answer = await ask(running, { entity: 'u', features: { a: 4 } });
    expect([sums(answer), sources(answer)]).toEqual([[4], 'defaults=1']);
    // AND a feature without a default cannot be stood for
    expect((await ask(running, { entity: 'u' })).status).toBe(503);
  });

  test('features outlive their time while the server fails, and no cache keeps the answer', async () => {
    const running = await start('featureView: {name: user, ttlSeconds: 0.05, budgetMs: 10000}');
    await ask(running, { entity: 'u' });
    server.behaviour = 'html';
    const url = `${running.url}/v1/models/add/entities/u`;
    const answer = await eventually(
      () => send(url),
      (each) => sources(each) === 'stale=1',
    );
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store']);
  });

  test('answers are public where model.yaml declares it', async () => {
    const running = await start(
      'featureView: {name: user, ttlSeconds: 6000, budgetMs: 10000}',
      'cache: {ttlSeconds: 3000, public: true}',
    );
    const { headers } = await send(`${running.url}/v1/models/add/entities/u`);
    expect(headers.get('cache-control')).toMatch(
      /^public, max-age=(3000|29\d\d), stale-while-revalidate=300, stale-if-error=600$/,
    );
    expect(headers.get('vary')).toBe('accept-encoding');
  });

  test('a hundred requests at once ask the server once', async () => {
    const running = await start('featureView: {name: user, budgetMs: 10000}');
    await Promise.all(Array.from({ length: 100 }, () => ask(running, { entity: 'u' })));
    expect(server.asked).toEqual([['u']]);
  });

  test('the metrics tell of memory and store', async () => {
    const running = await start('featureView: {name: user, budgetMs: 10000}');
    await ask(running, { entity: 'u' });
    await ask(running, { entity: 'u' });
    const { text } = await send(`${running.adminUrl}/metrics`);
    expect(text).toContain('cache_lookups_total{cache="feature",layer="memory",outcome="hit"} 1');
    expect(text).toContain('cache_lookups_total{cache="feature",layer="http",outcome="hit"} 1');
    expect(text).toContain('cache_lookup_seconds_count{cache="feature",layer="http"} 1');
    expect(text).toMatch(/^feature_cache_bytes [1-9]/m);
    expect(text).toMatch(/cache_transfer_bytes_total\{cache="feature",layer="http",direction="read"\} [1-9]/);
    expect(text).toContain('prediction_stage_seconds_count{model="add",version="1",stage="features"} 2');
  });
});

test('features from Redis, as the feature store of all models', async () => {
  const redis = await RedisServer.start();
  const folder = adder('featureView: {name: user, budgetMs: 10000}');
  await redis.call('HSET', 'features:user:u', 'a', '2.5', 'b', '3');
  const service = await startService(['--models', folder.path, '--feature-store', redis.url]);
  const answer = await eventually(
    () => ask(service, { entity: 'u' }),
    ({ status }) => status === 200,
  );
  await service.stop();
  await redis.stop();
  folder.delete();
  expect(sums(answer)).toEqual([5.5]);
});

test('features from DynamoDB, signed with what the chain of AWS finds in the environment', async () => {
  // GIVEN a table with an item for an entity of the view
  const dynamo = await DynamoServer.start();
  await dynamo.createTable('features', 'entity');
  await dynamo.put('features', { entity: { S: 'user:u' }, a: { N: '2.5' }, b: { N: '3' } });
  const folder = adder('featureView: {name: user, budgetMs: 10000}');
  const environment = {
    AWS_ACCESS_KEY_ID: AWS_KEYS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: AWS_KEYS.secretAccessKey,
    AWS_ENDPOINT_URL_DYNAMODB: dynamo.url,
  };
  // WHEN the service is told of it
  const flags = ['--models', folder.path, '--feature-store', 'dynamodb://features?region=eu-west-1'];
  const service = await startService(flags, environment);
  const answer = await ask(service, { entity: 'u' });
  const { text } = await send(`${service.adminUrl}/metrics`);
  await service.stop();
  await dynamo.stop();
  folder.delete();
  // THEN it predicts from it
  expect(sums(answer)).toEqual([5.5]);
  expect(text).toContain('cache_lookups_total{cache="feature",layer="dynamodb",outcome="hit"} 1');
  expect(text).toMatch(/cache_transfer_bytes_total\{cache="feature",layer="dynamodb",direction="read"\} [1-9]/);
});

test('features from a server that asks for a token, which comes from the environment', async () => {
  const server = await FeatureServer.start({ u: { a: 1, b: 2 } });
  server.token = 'secret';
  const folder = adder('featureView: {name: user, budgetMs: 10000}');
  const flags = ['--models', folder.path, '--feature-store', server.url];
  const service = await startService(flags, { HEADROOM_FEATURE_STORE_TOKEN: 'secret' });
  const answer = await ask(service, { entity: 'u' });
  await service.stop();
  await server.stop();
  folder.delete();
  expect(sums(answer)).toEqual([3]);
});

test('where no predictions are cached, features are forgotten all the same', async () => {
  const server = await FeatureServer.start({ u: { a: 1, b: 2 } });
  const folder = adder('featureView: {name: user, budgetMs: 10000}');
  const service = await startService(['--models', folder.path, '--feature-store', server.url, '--cache-mib', '0']);
  await ask(service, { entity: 'u' });
  const answers = [
    await post(`${service.adminUrl}/v1/cache/models/add/entities/u/invalidate`, ''),
    await post(`${service.adminUrl}/v1/cache/models/add/rows/invalidate`, { instances: [{ a: 1 }] }),
  ];
  const again = await ask(service, { entity: 'u' });
  await service.stop();
  await server.stop();
  folder.delete();
  expect([answers[0]?.json, answers[1]?.status]).toEqual([{ model: 'add', scope: 'entity', removedShared: null }, 404]);
  expect(sources(again)).toBe('fetched=1');
});

test('features forgotten by one of two services that share a Redis are read again by the other', async () => {
  // GIVEN two services that both know an entity
  const redis = await RedisServer.start();
  const server = await FeatureServer.start({ u: { a: 1, b: 2 } });
  const folder = adder('featureView: {name: user, budgetMs: 10000}');
  const flags = ['--models', folder.path, '--feature-store', server.url, '--redis', redis.url];
  const [first, second] = [await startService(flags), await startService(flags)];
  await eventually(
    async () => String(await redis.call('PUBSUB', 'NUMSUB', INVALIDATION_CHANNEL)),
    (listeners) => listeners.endsWith(',2'),
  );
  await ask(first, { entity: 'u' });
  await eventually(
    () => ask(second, { entity: 'u' }),
    (answer) => sources(answer) === 'cached=1',
  );
  // WHEN one is told to forget it
  const told = await eventually(
    () => post(`${first.adminUrl}/v1/cache/models/add/entities/u/invalidate`, ''),
    ({ status }) => status === 200,
  );
  // THEN the other reads it again
  const again = await eventually(
    () => ask(second, { entity: 'u' }),
    (answer) => sources(answer) === 'fetched=1',
  );
  await Promise.all([first.stop(), second.stop(), server.stop()]);
  await redis.stop();
  folder.delete();
  expect([told.status, again.status]).toEqual([200, 200]);
});

test('a model without a store says which flag names one', async () => {
  const folder = adder('featureView: {name: user, budgetMs: 10000}');
  const service = await startService(['--models', folder.path]);
  const answer = await ask(service, { entity: 'u' });
  await service.stop();
  folder.delete();
  expect([answer.status, errorOf(answer)]).toEqual([503, expect.stringContaining('--feature-store')]);
});

test('a view that the spec names takes the place of the one in model.yaml', async () => {
  const server = await FeatureServer.start({ u: { a: 1, b: 1 } });
  const folder = adder('featureView: {name: user, joinKey: id, budgetMs: 10000}');
  const spec = join(folder.path, 'headroom.yaml');
  writeFileSync(
    spec,
    [
      'name: shop',
      'models:',
      '  add: {useCase: recommendations, path: add, peakQps: 1, pool: p, features: {view: shopper}}',
      'pools: {p: {hardware: cpu}}',
    ].join('\n'),
  );
  const service = await startService(['--spec', spec, '--feature-store', server.url]);
  const answer = await ask(service, { entity: 'u' });
  await service.stop();
  await server.stop();
  folder.delete();
  expect([sums(answer), server.views]).toEqual([[2], ['shopper:a,shopper:b by id']]);
});

test('an address that is none stops the start', async () => {
  await expect(startService(['--feature-store', 'ftp://x'])).rejects.toThrow(
    '--feature-store is not an address of a feature store',
  );
});
