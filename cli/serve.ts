import { join } from 'node:path';
import { Command, Option } from 'commander';
import { readConfig } from '../service/config';
import { startService } from '../service/main';
import { flagName, SETTINGS, variableName } from '../service/settings';
import { createLogger } from '../service/telemetry/logger';
import { type Announcement, announce } from './serve-banner';

const EXAMPLES = `
Examples:
  $ headroom serve                              the bundled models
  $ headroom serve --models ./models            your models: ./models/<name>/<version>/model.onnx
  $ headroom serve --spec headroom.yaml         the models, SLOs and cache settings of a spec
  $ HEADROOM_HTTP_PORT=9000 headroom serve      every flag is an environment variable, too`;

/** `headroom serve`: the inference service in the foreground, until SIGTERM or SIGINT. */
export function serveCommand(): Command {
  const command = new Command('serve').description('serve models over HTTP').addHelpText('after', EXAMPLES);
  for (const [key, setting] of Object.entries(SETTINGS)) {
    if (setting.kind === 'text' && setting.isSecret === true) continue;
    const initial = setting.default === undefined ? '' : `, default ${setting.default}`;
    const description = `${setting.description} [${variableName(key)}${initial}]`;
    command.addOption(new Option(`${flagName(key)} <${setting.placeholder}>`, description));
  }
  command.option('--json', 'announce what is served as one line of JSON');
  return command.action(serve);
}

async function serve({ json, ...flags }: Record<string, string | undefined> & { json?: string }): Promise<void> {
  const startedMs = performance.timeOrigin;
  const config = readConfig({ ...flags, logLevel: flags.logLevel ?? terminalLogLevel() }, process.env);
  const logger = createLogger(config.logLevel);
  const service = await startService(config, logger, {
    // Both are siblings of the bundle, whether it runs from a checkout or from an installed package.
    workerPath: join(__dirname, 'worker.js'),
    bundledModels: join(__dirname, '..', 'models'),
  });
  const announcement: Announcement = { ...service.describe(), readyMs: Date.now() - startedMs };
  process.stdout.write(
    json === undefined ? announce(announcement, process.cwd()) : `${JSON.stringify(announcement)}\n`,
  );
  process.exitCode = await service.stopped;
  // What was left behind must not keep the process, which an orchestrator would then have to kill.
  if (process.exitCode !== 0) process.exit();
}

/** Someone at a terminal reads the announcement; lines of JSON that all is well would push it out of sight. */
function terminalLogLevel(): string | undefined {
  return process.stderr.isTTY && process.env[variableName('logLevel')] === undefined ? 'warn' : undefined;
}
