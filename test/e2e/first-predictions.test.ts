import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { announce } from '../../cli/serve-banner';
import { ModelFolder } from '../support/model-folder';
import { eventually, post } from '../support/requests';
import { ROOT, type ServiceProcess, startService } from '../support/service-process';

describe('what a newcomer sees after npm start', () => {
  let service: ServiceProcess;
  let banner: string;

  beforeAll(async () => {
    service = await startService();
    banner = announce(service.announcement, ROOT);
  });
  afterAll(() => service.stop());

  test('four models are served, one for each real-time use case', () => {
    const names = service.announcement.models.map(({ name }) => name);
    expect(names.sort()).toEqual(['fraud-detection', 'image-classification', 'recommendations', 'search-ranking']);
  });

  test.each([
    ['fraud-detection', '"label":"bad"'],
    ['image-classification', '"label":"sneaker"'],
    ['recommendations', '"items":[{"item":"'],
    ['search-ranking', '"predictions":[{"score":'],
  ])('the curl line printed for %s answers as it is printed', async (model, answer) => {
    // GIVEN the line as it stands in the terminal
    const line = banner.split('\n').find((text) => text.includes('curl') && text.endsWith(`${model}:predict`));
    // WHEN a shell runs it, THEN it predicts, if only once a busy machine lets the model meet its deadline
    await eventually(
      async () => spawnSync('bash', ['-c', line ?? 'no such line'], { cwd: ROOT, encoding: 'utf8' }).stdout,
      (stdout) => stdout.includes(answer),
    );
  });

  test.each<Record<string, string>>([
    { 'content-type': 'IMAGE/PNG' },
    { 'content-type': 'application/octet-stream' },
    {},
  ])('an image is recognised with the headers %j', async (headers) => {
    const image = readFileSync(join(ROOT, 'models/image-classification/example.png'));
    const { url } = service;
    const { status, text } = await eventually(
      () => post(`${url}/v1/models/image-classification:predict`, image, headers),
      (answer) => answer.status !== 503,
    );
    expect([status, text]).toEqual([200, expect.stringContaining('"label":"sneaker"')]);
  });

  test('the root of the administration port leads to the documentation', async () => {
    const response = await fetch(`${service.adminUrl}/`, { redirect: 'manual' });
    expect([response.status, response.headers.get('location')]).toEqual([302, '/docs']);
  });

  test('the documentation shows every route of both ports', async () => {
    const document = await (await fetch(`${service.adminUrl}/docs/json`)).json();
    expect(Object.keys(Object(document).paths).sort()).toMatchSnapshot();
  });

  test('the documentation gives each route the parameters of its path, each once', async () => {
    const document = await (await fetch(`${service.adminUrl}/docs/json`)).json();
    const paths: Record<string, Record<string, { parameters?: { in: string; name: string }[] }>> = Object(
      document,
    ).paths;
    for (const [path, operations] of Object.entries(paths)) {
      const expected = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();
      for (const { parameters = [] } of Object.values(operations)) {
        const named = parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name);
        expect([path, named.sort()]).toEqual([path, expected]);
      }
    }
  });
});

test('a model without a model.yaml is announced with a request that it answers', async () => {
  // GIVEN nothing but a model file
  const folder = new ModelFolder().add('add');
  const service = await startService(['--models', folder.path]);
  // WHEN the line that is printed for it is run
  const line = announce(service.announcement, ROOT)
    .split('\n')
    .find((text) => text.includes('curl'));
  try {
    // THEN it predicts
    await eventually(
      async () => spawnSync('bash', ['-c', line ?? 'no such line'], { encoding: 'utf8' }).stdout,
      (stdout) => stdout.includes('"model_name":"add"'),
    );
  } finally {
    await service.stop();
    folder.delete();
  }
});
