import { describe, expect, test } from '@jest/globals';
import { readConfig } from '../../service/config';
import { SETTINGS, variableName } from '../../service/settings';

describe('configuration of the service', () => {
  test('without flags and variables the defaults hold', () => {
    expect(readConfig({}, {})).toMatchObject({ host: '127.0.0.1', httpPort: 8000, adminPort: 8002, cacheMib: 64 });
  });

  test('a flag wins over its variable', () => {
    const config = readConfig({ httpPort: '9001' }, { HEADROOM_HTTP_PORT: '9000' });
    expect(config.httpPort).toBe(9001);
  });

  test.each(Object.keys(SETTINGS))('%s can be set by an environment variable', (key) => {
    const setting = SETTINGS[key as keyof typeof SETTINGS];
    const value = setting.kind === 'integer' ? String(setting.max) : (setting.allowed?.[0] ?? 'text');
    expect(readConfig({}, { [variableName(key)]: value })).toMatchObject({
      [key]: setting.kind === 'integer' ? setting.max : value,
    });
  });

  test.each([
    [
      'text instead of a number',
      { httpPort: 'http' },
      "--http-port is 'http', but must be a whole number from 0 to 65535",
    ],
    [
      'a number beyond the range',
      { httpPort: '65536' },
      "--http-port is '65536', but must be a whole number from 0 to 65535",
    ],
    ['a fraction', { cacheMib: '1.5' }, "--cache-mib is '1.5', but must be a whole number from 0 to 1048576"],
    ['a negative number', { queueRows: '-1' }, "--queue-rows is '-1', but must be a whole number from 1 to 10000000"],
    ['an empty text', { host: '' }, '--host is empty'],
    [
      'a level that does not exist',
      { logLevel: 'loud' },
      "--log-level is 'loud', allowed: fatal, error, warn, info, debug, trace, silent",
    ],
    [
      'one port for two things',
      { httpPort: '9000', adminPort: '9000' },
      '--http-port and --admin-port are both 9000, but inference and administration need a port each',
    ],
  ])('%s is refused in one sentence', (_, flags, sentence) => {
    expect(() => readConfig(flags, {})).toThrow(sentence);
  });

  test('a wrong variable is named as the variable', () => {
    expect(() => readConfig({}, { HEADROOM_ADMIN_PORT: 'x' })).toThrow(
      "HEADROOM_ADMIN_PORT is 'x', but must be a whole number from 0 to 65535",
    );
  });
});
