import { expect, test } from '@jest/globals';
import { announce } from '../../cli/serve-banner';

const NOTHING_SERVED = {
  httpUrl: 'http://127.0.0.1:8000',
  adminUrl: 'http://127.0.0.1:8002',
  models: [],
  readyMs: 1,
};

test('several mistakes of a model.yaml stand on a line each, and where nothing is served there is nothing to try', () => {
  const reason = 'm/model.yaml:1:2: a: found x; y, expected z; m/model.yaml:3:4: b: is missing';
  const banner = announce({ ...NOTHING_SERVED, unavailable: [{ name: 'm', version: '1', reason }] }, '/');
  expect(banner.split('\n').slice(2)).toEqual([
    '  m  version 1 is not served:',
    '    m/model.yaml:1:2: a: found x; y, expected z',
    '    m/model.yaml:3:4: b: is missing',
    '',
    '  inference       http://127.0.0.1:8000',
    '  documentation   http://127.0.0.1:8002/docs',
    '  metrics         http://127.0.0.1:8002/metrics',
    '',
    '',
  ]);
});
