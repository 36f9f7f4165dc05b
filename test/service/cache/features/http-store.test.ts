import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { HttpFeatureStore } from '../../../../service/cache/features/http-store';
import { freePort } from '../../../support/free-port';
import { eventually } from '../../../support/requests';
import { type Behaviour, FeatureServer } from './feature-server';
import { guarded, plain, USER } from './views';

describe('features from a feature server', () => {
  let server: FeatureServer;

  beforeEach(async () => {
    server = await FeatureServer.start({ a: { age: 30, member: true }, b: { age: 40, city: 'Oslo' } });
  });
  afterEach(() => server.stop());

  test('entities of one request are asked for together', async () => {
    const features = await new HttpFeatureStore(`${server.url}/`).read(USER, ['a', 'nobody', 'b']);
    expect([features.map(plain), server.asked]).toEqual([
      [{ age: 30, member: true }, undefined, { age: 40, city: 'Oslo' }],
      [['a', 'nobody', 'b']],
    ]);
  });

  test('the time at which features were computed is told', async () => {
    const [a] = await new HttpFeatureStore(server.url).read(USER, ['a']);
    expect(a?.updatedMs).toBe(Date.UTC(2026, 0, 1));
  });

  test('a server that asks for a token is sent it, and one that is sent another is not believed', async () => {
    server.token = 'secret';
    const [a] = await new HttpFeatureStore(server.url, 'secret').read(USER, ['a']);
    expect(plain(a)).toEqual({ age: 30, member: true });
    await new HttpFeatureStore(server.url, 'secret').probe();
    await expect(new HttpFeatureStore(server.url, 'other').read(USER, ['a'])).rejects.toThrow('it answers 401');
    await expect(new HttpFeatureStore(server.url).probe()).rejects.toThrow('it answers 401');
  });

  test.each<[Behaviour, string]>([
    ['stall', 'not answer in time'],
    ['fail', 'it answers 500'],
    ['html', 'something else'],
    ['swap', 'other entities'],
    ['short', 'something else'],
    ['cut', ''],
    ['redirect', 'it answers 307'],
  ])('a server that does this is not believed: %s', async (behaviour, message) => {
    server.behaviour = behaviour;
    const view = behaviour === 'stall' ? { ...USER, budgetMs: 20 } : USER;
    await expect(new HttpFeatureStore(server.url).read(view, ['a', 'b'])).rejects.toThrow(message);
  });

  test('a server on the port of Feast, which browsers refuse, is asked', async () => {
    // GIVEN a server on one of them; others may be taken on this machine
    let feast: FeatureServer | undefined;
    for (const port of [6566, 6665, 6666, 6667, 6668, 6669]) {
      feast = await FeatureServer.start({ a: { age: 30 } }, port).catch(() => undefined);
      if (feast !== undefined) break;
    }
    const [a] = await new HttpFeatureStore(feast?.url ?? '').read(USER, ['a']);
    await feast?.stop();
    expect(plain(a)).toEqual({ age: 30 });
  });

  test('a server that closes a connection in the moment of a request is asked again', async () => {
    const store = new HttpFeatureStore(server.url);
    server.behaviour = 'hangUp';
    const ages = [];
    for (let i = 0; i < 3; i++) ages.push(plain((await store.read(USER, ['a']))[0]));
    expect([ages, server.asked.length]).toEqual([new Array(3).fill({ age: 30, member: true }), 3]);
  });

  test('a server that stalls is left alone after some requests, and used again when it is back', async () => {
    // GIVEN a server that keeps connections and answers nothing
    const { store, metrics } = guarded(new HttpFeatureStore(server.url));
    server.behaviour = 'stall';
    for (let i = 0; i < 6; i++) await store.read({ ...USER, budgetMs: 20 }, ['a']);
    // THEN nothing waits for it any more
    const asked = server.asked.length;
    const [read] = await store.read(USER, ['a']);
    expect([read?.outcome, server.asked.length, metrics.lookups.skipped > 0]).toEqual(['failed', asked, true]);
    // AND WHEN it is back, it is used
    server.behaviour = 'answer';
    await eventually(
      () => store.read(USER, ['a']),
      ([again]) => again?.outcome === 'known',
    );
    await store.close();
  });

  test('a server that vanishes is told at once, and used again once it is there', async () => {
    const port = await freePort();
    const vanishing = await FeatureServer.start({ a: { age: 30 } }, port);
    const { store } = guarded(new HttpFeatureStore(vanishing.url));
    await store.read(USER, ['a']);
    await vanishing.stop();
    for (let i = 0; i < 10; i++) expect(await store.read(USER, ['a'])).toMatchObject([{ outcome: 'failed' }]);
    expect(store.isAvailable).toBe(false);
    const back = await FeatureServer.start({ a: { age: 30 } }, port);
    await eventually(
      () => store.read(USER, ['a']),
      ([read]) => read?.outcome === 'known',
    );
    await store.close();
    await back.stop();
  });

  test('a value that does not fit its feature fails that entity alone', async () => {
    const lying = await FeatureServer.start({ a: { age: 'thirty' }, b: { age: 40 } });
    const { store } = guarded(new HttpFeatureStore(lying.url));
    const reads = await store.read(USER, ['a', 'b']);
    await lying.stop();
    await store.close();
    expect(reads.map(({ outcome }) => outcome)).toEqual(['failed', 'known']);
  });
});
