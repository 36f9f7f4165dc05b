import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ACCESS_STRING } from '../../../lib/aws/redis-users';
import { MODEL, Replica, until } from '../../service/cache/running-cache';
import { RedisServer, startCluster } from '../../support/redis-server';

describe('the rights of the user are enough for all that the service does', () => {
  const servers: { stop(): Promise<void> }[] = [];
  const urls = new Map<string, string>();
  const nodes = new Map<string, readonly RedisServer[]>();

  beforeAll(async () => {
    const single = await RedisServer.start();
    servers.push(single);
    urls.set('single', single.url);
    nodes.set('single', [single]);
    const cluster = await startCluster();
    servers.push(cluster);
    urls.set('cluster', cluster.url);
    nodes.set('cluster', cluster.servers);
    for (const server of [...nodes.values()].flat()) {
      await server.call('ACL', 'SETUSER', 'app', '>secret', ...ACCESS_STRING.split(' '));
    }
  });
  afterAll(() => Promise.all(servers.map((server) => server.stop())));

  test.each(['single', 'cluster'])('%s', async (kind) => {
    // GIVEN a replica that signs in as the user
    const url = (urls.get(kind) ?? '').replace('://', '://app:secret@');
    const replica = new Replica(url);
    try {
      await replica.connected();
      // WHEN it runs a row, shares it and forgets it everywhere
      await replica.ask([1]);
      const server = nodes.get(kind) ?? [];
      const isShared = async () => {
        const found = await Promise.all(server.map((node) => node.call('KEYS', '*')));
        return found.flat().length > 0;
      };
      await until(isShared);
      await replica.cache.invalidate({ model: MODEL, scope: 'model' });
      // THEN the row is gone, and nothing was refused
      expect(await isShared()).toBe(false);
      for (const node of server) expect(await node.call('ACL', 'LOG')).toEqual([]);
    } finally {
      await replica.close();
    }
  });

  test('and not for looking into the server or emptying it', async () => {
    const [server] = nodes.get('single') ?? [];
    for (const command of [['FLUSHALL'], ['CONFIG', 'GET', '*'], ['KEYS', '*'], ['CLIENT', 'LIST'], ['ACL', 'LIST']]) {
      await expect(server?.call('ACL', 'DRYRUN', 'app', ...command)).resolves.toMatch(/no permissions/);
    }
  });
});
