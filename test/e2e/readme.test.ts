import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { flagName, SETTINGS, variableName } from '../../service/settings';
import { eventually } from '../support/requests';
import { ROOT, type ServiceProcess, startService } from '../support/service-process';

/** Commands of a page, each with the answer that the page shows below it, if any. */
function commandsOf(page: string): { command: string; answer: string | undefined }[] {
  const text = readFileSync(join(ROOT, page), 'utf8');
  const blocks = text.matchAll(/```sh\n(.*?)\n```(?:\n```json\n(.*?)\n```)?/gs);
  return [...blocks]
    .map(([, command = '', answer]) => ({ command, answer }))
    .filter(({ command }) => /^curl/.test(command));
}

/** Numbers to four digits: processors differ in the last ones. */
function rounded(json: string): unknown {
  return JSON.parse(json, (_, value) => (typeof value === 'number' ? Number(value.toPrecision(4)) : value));
}

describe('what the pages promise', () => {
  let service: ServiceProcess;

  beforeAll(async () => {
    service = await startService();
  });
  afterAll(() => service.stop());

  function run(command: string): string {
    const here = command
      .replaceAll('http://127.0.0.1:8000', service.url)
      .replaceAll('http://127.0.0.1:8002', service.adminUrl);
    return spawnSync('bash', ['-c', here.replace('curl', 'curl -s')], { cwd: ROOT, encoding: 'utf8' }).stdout;
  }

  test('the README has a request to each bundled model', () => {
    const commands = commandsOf('README.md').filter(({ answer }) => answer !== undefined);
    const models = commands.map(({ command }) => /models\/([a-z-]+):predict/.exec(command)?.[1]);
    expect(models.sort()).toEqual(['fraud-detection', 'image-classification', 'recommendations', 'search-ranking']);
  });

  test.each(commandsOf('README.md').map(({ command, answer }) => [command.split('/').at(-1), command, answer]))(
    'the README shows what %s answers',
    async (_, command = '', answer = '') => {
      // A busy machine may let a model miss its deadline.
      const found = await eventually(
        async () => run(command),
        (text) => !text.startsWith('{"error"'),
      );
      expect(rounded(found)).toEqual(rounded(answer));
    },
  );

  test.each(commandsOf('docs/api.md').map(({ command }) => [command]))('docs/api.md: %s', (command) => {
    expect(run(command)).toMatch(/^\{"(predictions|model_name|error)"/);
  });
});

test.each(Object.entries(SETTINGS))('docs/configuration.md has a line for %s', (key, setting) => {
  const page = readFileSync(join(ROOT, 'docs/configuration.md'), 'utf8');
  const isSecret = 'isSecret' in setting && setting.isSecret;
  expect(page.includes(`| \`${flagName(key)} `)).toBe(!isSecret);
  expect(page).toContain(`| \`${variableName(key)}\` |`);
});
