import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { DynamoFeatureStore, itemKey, KEY_NAME } from '../../../../service/cache/features/dynamo-store';
import type { FeatureView } from '../../../../service/cache/features/feature-store';
import { AWS_KEYS, type DynamoBehaviour, DynamoServer } from '../../../support/dynamo-server';
import { eventually } from '../../../support/requests';
import { guarded, plain, USER } from './views';

const HASTY: FeatureView = { ...USER, budgetMs: 20 };

describe('features in DynamoDB', () => {
  let server: DynamoServer;
  const stores: DynamoFeatureStore[] = [];

  function open(table = 'features', credentials = async () => AWS_KEYS): DynamoFeatureStore {
    const store = new DynamoFeatureStore({ table, region: 'eu-west-1', endpoint: server.url }, credentials);
    stores.push(store);
    return store;
  }
  const put = (entity: string, attributes: Readonly<Record<string, unknown>>) =>
    server.put('features', { [KEY_NAME]: { S: itemKey('user', entity) }, ...attributes });

  beforeAll(async () => {
    server = await DynamoServer.start();
    await server.createTable('features', KEY_NAME);
    await put('a', { age: { N: '30' }, member: { BOOL: true }, city: { S: 'Oslo' }, shoe: { N: '44' } });
    await put('b', { age: { N: '40' }, city: { NULL: true }, event_timestamp: { S: '2026-01-01T00:00:00Z' } });
    await put('c', { age: { N: '50' }, event_timestamp: { N: '1767225600' } });
  });
  afterEach(() => {
    server.behaviour = 'answer';
    server.misbehavesFor = Number.POSITIVE_INFINITY;
    server.keysPerRead = Number.POSITIVE_INFINITY;
    server.asked.length = 0;
  });
  afterAll(async () => {
    await Promise.all(stores.map((store) => store.close()));
    await server.stop();
  });

  test('entities of one request are read together, each with the features that the view names', async () => {
    const features = await open().read(USER, ['a', 'nobody', 'b']);
    expect([features.map(plain), server.asked]).toEqual([
      [{ age: 30, member: true, city: 'Oslo' }, undefined, { age: 40 }],
      [3],
    ]);
  });

  test('the time at which features were computed is told, as text or as seconds', async () => {
    const features = await open().read(USER, ['a', 'b', 'c']);
    const newYear = Date.UTC(2026, 0, 1);
    expect(features.map((each) => each?.updatedMs)).toEqual([undefined, newYear, newYear]);
  });

  test('more entities than DynamoDB takes at once are read in several requests', async () => {
    const entities = ['a', ...Array.from({ length: 149 }, (_, i) => `x${i}`), 'c'];
    const features = await open().read(USER, entities);
    expect([plain(features[0]), plain(features.at(-1)), server.asked.sort()]).toEqual([
      { age: 30, member: true, city: 'Oslo' },
      { age: 50 },
      [100, 51],
    ]);
  });

  test('what it gives back unread is asked for again', async () => {
    server.keysPerRead = 1;
    const features = await open().read(USER, ['a', 'b', 'c']);
    expect([features.map((each) => each?.values.get('age')), server.asked]).toEqual([
      [30, 40, 50],
      [3, 2, 1],
    ]);
  });

  test.each<DynamoBehaviour>(['throttle', 'break'])(
    'where it does this for a while, it is asked again: %s',
    async (b) => {
      server.behaviour = b;
      server.misbehavesFor = 2;
      const [a] = await open().read(USER, ['a']);
      expect([plain(a), server.asked]).toEqual([{ age: 30, member: true, city: 'Oslo' }, [1, 1, 1]]);
    },
  );

  test.each<[DynamoBehaviour, RegExp]>([
    ['throttle', /400 \(ProvisionedThroughputExceededException\)|in time/],
    ['break', /500 \(InternalServerError\)|in time/],
    ['html', /something else than items|in time/],
    ['stall', /in time/],
  ])('beyond the budget nothing is waited for: %s', async (behaviour, message) => {
    server.behaviour = behaviour;
    await expect(open().read(HASTY, ['a'])).rejects.toThrow(message);
  });

  test('a table that is not there is told at once', async () => {
    const store = open('elsewhere');
    await expect(store.read(USER, ['a'])).rejects.toThrow('it answers 400 (ResourceNotFoundException)');
    await expect(store.probe()).rejects.toThrow('ResourceNotFoundException');
  });

  test('a table with another key is told at once', async () => {
    await server.createTable('others', 'id');
    await expect(open('others').read(USER, ['a'])).rejects.toThrow('it answers 400 (ValidationException)');
  });

  test('without keys of AWS nothing is sent', async () => {
    const store = open('features', () => Promise.reject(new Error('no keys')));
    await expect(store.read(USER, ['a'])).rejects.toThrow('no keys');
    expect(server.asked).toEqual([]);
  });

  test('an attribute of a kind that no feature has fails that entity alone', async () => {
    await put('list', { age: { L: [{ N: '1' }] } });
    const { store } = guarded(open());
    const reads = await store.read(USER, ['list', 'a']);
    await store.close();
    expect(reads.map(({ outcome }) => outcome)).toEqual(['failed', 'known']);
  });

  test('a server that stalls is left alone after some requests, and used again when it is back', async () => {
    const { store, metrics } = guarded(open());
    server.behaviour = 'stall';
    for (let i = 0; i < 6; i++) await store.read(HASTY, ['a']);
    const { error } = metrics.lookups;
    await store.read(HASTY, ['a']);
    expect([store.isAvailable, metrics.lookups.error]).toEqual([false, error]);
    server.behaviour = 'answer';
    await eventually(
      () => store.read(USER, ['a']),
      ([read]) => read?.outcome === 'known',
    );
    await store.close();
  });
});
