import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { adder, sums } from '../support/adder';
import { makeCertificate } from '../support/certificate';
import { RedisServer } from '../support/redis-server';
import { eventually, post, send } from '../support/requests';
import { type ServiceProcess, startService } from '../support/service-process';

const CERTIFICATE_REASON =
  'its certificate is not trusted: self-signed certificate; NODE_EXTRA_CA_CERTS names certificate authorities to trust';

describe('a Redis and a sentinel that only speak TLS', () => {
  const certificate = makeCertificate();
  const folder = adder('featureView: {name: user, budgetMs: 10000}');
  let redis: RedisServer;
  let sentinel: RedisServer;
  const services: ServiceProcess[] = [];

  beforeAll(async () => {
    redis = await RedisServer.startSecure(certificate);
    sentinel = await RedisServer.startSentinel(redis.port, { certificate });
    const client = redis.client({ tls: { rejectUnauthorized: false } });
    await client.hset('features:user:u', 'a', '2', 'b', '3');
    client.disconnect();
  });
  afterAll(async () => {
    await Promise.all(services.map((service) => service.stop()));
    await Promise.all([redis.stop(), sentinel.stop()]);
    folder.delete();
    certificate.delete();
  });

  const byServer = () => `rediss://127.0.0.1:${redis.port}`;
  const bySentinel = () => `rediss+sentinel://127.0.0.1:${sentinel.port}/primary`;

  async function start(address: string, environment: Record<string, string>): Promise<ServiceProcess> {
    const flags = ['--models', folder.path, '--redis', address, '--feature-store', address];
    const service = await startService(flags, environment);
    services.push(service);
    return service;
  }
  const predict = ({ url }: ServiceProcess) => post(`${url}/v1/models/add:predict`, { instances: [{ entity: 'u' }] });
  const redisLayer = async ({ adminUrl }: ServiceProcess) =>
    Object((await send(`${adminUrl}/v1/cache`)).json).layers.find(({ layer }: { layer: string }) => layer === 'redis');

  test.each([
    ['the server', byServer],
    ['the sentinel', bySentinel],
  ])('features are read and rows kept by the address of %s, where the certificate is trusted', async (_, address) => {
    const service = await start(address(), { NODE_EXTRA_CA_CERTS: certificate.certificatePath });
    const answer = await eventually(
      () => predict(service),
      ({ status }) => status === 200,
    );
    expect([sums(answer), answer.headers.get('x-headroom-features')]).toEqual([[5], 'fetched=1']);
    // Only what was kept can be found, by whichever of the two services.
    let value = 0;
    await eventually(
      async () => {
        await post(`${service.url}/v1/models/add:predict`, { instances: [{ a: ++value, b: Math.random() }] });
        return redisLayer(service);
      },
      ({ writes }) => writes.written > 0,
    );
  });

  test.each([
    ['the server', byServer],
    ['the sentinel', bySentinel],
  ])('by the address of %s, a certificate that is not trusted is told, and costs no prediction', async (_, address) => {
    // GIVEN a service that was not told to trust it
    const service = await start(address(), {});
    // THEN its log says why, once for each connection
    const reasons = await eventually(
      async () => reasonsIn(service.log()),
      (found) => found.length >= 2,
    );
    expect(reasons.sort()).toEqual([
      ['the feature store cannot be reached', CERTIFICATE_REASON],
      ['the shared cache cannot be reached', CERTIFICATE_REASON],
    ]);
    // AND what needs no stored feature is answered
    const answer = await post(`${service.url}/v1/models/add:predict`, { instances: [{ a: 1, b: 1 }] });
    expect([sums(answer), (await redisLayer(service)).writes.written]).toEqual([[2], 0]);
    expect((await predict(service)).status).toBe(503);
  });
});

/** Of the lines that tell of a connection, what and why. */
function reasonsIn(log: string): [string, string][] {
  return log
    .slice(0, log.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line.includes('cannot be reached'))
    .map((line) => JSON.parse(line))
    .map(({ msg, reason }) => [msg, reason]);
}
