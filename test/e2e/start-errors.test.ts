import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { ModelFolder } from '../support/model-folder';
import { RedisServer } from '../support/redis-server';
import { type HeadroomProcess, ROOT, startHeadroom } from '../support/service-process';

describe('a start that fails ends the process with a sentence, whatever connections it has made', () => {
  let redis: RedisServer;
  let taken: Server;
  let takenPort: string;
  const folder = new ModelFolder();
  let service: HeadroomProcess | undefined;

  beforeAll(async () => {
    redis = await RedisServer.start();
    taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    takenPort = String(Object(taken.address()).port);
    const model = "{useCase: fraud-detection, path: 'https://localhost:9/scale', peakQps: 1, pool: main}";
    const spec = `name: test\nmodels:\n  scale: ${model}\npools:\n  main: {hardware: cpu}\n`;
    writeFileSync(join(folder.path, 'headroom.yaml'), spec);
  });
  afterEach(() => service?.kill());
  afterAll(async () => {
    taken.close();
    await redis.stop();
    folder.delete();
  });

  test.each([
    ['--http-port', () => takenPort, 'cannot listen on 127.0.0.1:'],
    ['--admin-port', () => takenPort, 'cannot listen on 127.0.0.1:'],
    ['--redis-iam-user', () => 'u', '--redis-iam-user is set, but --redis-iam-cache'],
    ['--model-store', () => 'nowhere', "--model-store is 'nowhere', expected s3://BUCKET/PREFIX"],
    ['--artifact-cache', () => '/dev/null/cache', 'the model repository cannot be read: '],
  ])('%s', async (flag, value, sentence) => {
    // GIVEN a Redis for predictions and for features, to which the service connects before it fails
    const given = ['--redis', redis.url, '--feature-store', redis.url, '--spec', join(folder.path, 'headroom.yaml')];
    const usual = ['--http-port', '0', '--admin-port', '0', '--artifact-cache', join(folder.path, 'cache')];
    // WHEN
    service = startHeadroom(['serve', ...given, ...usual, flag, value(), '--log-level', 'silent'], ROOT, {});
    // THEN
    const { code, stdout, stderr } = await service.ended;
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^error: [^\n]*\n$/);
    expect(stderr).toContain(sentence);
  });
});
