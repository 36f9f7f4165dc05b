import { describe, expect, test } from '@jest/globals';
import { connectionProblem } from '../../../service/cache/connection-report';
import { RedisServer } from '../../support/redis-server';
import { Replica, until } from './running-cache';

const problem = (message: string, code?: string) =>
  Object.assign(new Error(message), code === undefined ? {} : { code });

describe('why a connection failed', () => {
  test.each([
    ['as the system words it', problem('connect ECONNREFUSED 127.0.0.1:1', 'ECONNREFUSED')],
    ['by its code where there are no words', problem('', 'ECONNREFUSED')],
  ])('%s', (_, error) => {
    expect(connectionProblem(error)).toBe(error.message || error.code);
  });

  test('without the word of sentinels on when they are asked again', () => {
    const error = problem('All sentinels are unreachable. Retrying from scratch after 60ms. Last error: no route');
    expect(connectionProblem(error)).toBe('no route');
  });

  test.each([
    ['self-signed certificate', 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    ['unable to verify the first certificate', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    ['certificate has expired', 'CERT_HAS_EXPIRED'],
    ["Hostname/IP does not match certificate's altnames: Host: a.", 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['self-signed certificate in certificate chain', undefined],
  ])('with what can be done: %s', (message, code) => {
    expect(connectionProblem(problem(message, code))).toBe(
      `its certificate is not trusted: ${message}; NODE_EXTRA_CA_CERTS names certificate authorities to trust`,
    );
  });
});

test('a connection that is lost is told of once, and again after it was back', async () => {
  const redis = await RedisServer.start();
  const replica = new Replica(redis.url);
  const told = () => replica.log.filter((line) => line.includes('the shared cache cannot be reached'));
  try {
    await replica.connected();
    for (let loss = 1; loss <= 2; loss++) {
      // WHEN the server dies
      await redis.kill();
      await until(() => told().length === loss);
      // THEN trying again is no news
      const [line] = told().slice(-1);
      expect(JSON.parse(line ?? '')).toMatchObject({ reason: expect.stringMatching(/ECONN/) });
      await redis.restart();
      await replica.connected();
      expect(told().length).toBe(loss);
    }
  } finally {
    await replica.close();
    await redis.stop();
  }
});
