import { ConfigError } from './errors';
import { isProvider, type Provider } from './provider';
import { flagName, SETTINGS, type ServiceConfig, variableName } from './settings';

/**
 * Reads the configuration: a flag wins over its environment variable, which wins over the default.
 *
 * @param flags values of the command line by field name, as text
 * @throws ConfigError naming the flag or variable, the value and what is allowed
 */
export function readConfig(
  flags: Readonly<Record<string, string | undefined>>,
  environment: Readonly<Record<string, string | undefined>>,
): ServiceConfig {
  const reader = new SettingReader(flags, environment);
  const config: ServiceConfig = {
    models: reader.text('models'),
    spec: reader.text('spec'),
    host: reader.requiredText('host'),
    httpPort: reader.requiredInteger('httpPort'),
    adminPort: reader.requiredInteger('adminPort'),
    logLevel: reader.requiredText('logLevel'),
    cacheMib: reader.requiredInteger('cacheMib'),
    redis: reader.text('redis'),
    redisIamUser: reader.text('redisIamUser'),
    redisIamCache: reader.text('redisIamCache'),
    featureStore: reader.text('featureStore'),
    featureStoreToken: reader.text('featureStoreToken'),
    bodyLimitMib: reader.requiredInteger('bodyLimitMib'),
    queueRows: reader.requiredInteger('queueRows'),
    workers: reader.integer('workers'),
    intraOpThreads: reader.requiredInteger('intraOpThreads'),
    provider: reader.provider(),
    pollIntervalMs: reader.requiredInteger('pollIntervalMs'),
    modelStore: reader.text('modelStore'),
    artifactCache: reader.text('artifactCache'),
    artifactCacheMib: reader.requiredInteger('artifactCacheMib'),
    artifactPollMs: reader.requiredInteger('artifactPollMs'),
    preStopMs: reader.requiredInteger('preStopMs'),
    drainTimeoutMs: reader.requiredInteger('drainTimeoutMs'),
    memoryLimitMib: reader.integer('memoryLimitMib'),
  };
  if (config.httpPort === config.adminPort && config.httpPort !== 0) {
    throw new ConfigError(
      `--http-port and --admin-port are both ${config.httpPort}, but inference and administration need a port each`,
    );
  }
  return config;
}

class SettingReader {
  constructor(
    private readonly flags: Readonly<Record<string, string | undefined>>,
    private readonly environment: Readonly<Record<string, string | undefined>>,
  ) {}

  text(key: keyof ServiceConfig): string | undefined {
    const setting = SETTINGS[key];
    if (setting.kind !== 'text') throw new TypeError(`setting ${key} is not a text`);
    const given = this.#given(key);
    if (given === undefined) return setting.default;
    const { value, source } = given;
    if (value === '') throw new ConfigError(`${source} is empty`);
    if (setting.allowed !== undefined && !setting.allowed.includes(value)) {
      throw new ConfigError(`${source} is '${value}', allowed: ${setting.allowed.join(', ')}`);
    }
    return value;
  }

  integer(key: keyof ServiceConfig): number | undefined {
    const setting = SETTINGS[key];
    if (setting.kind !== 'integer') throw new TypeError(`setting ${key} is not an integer`);
    const given = this.#given(key);
    if (given === undefined) return setting.default;
    const { value, source } = given;
    const number = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
    if (!(number >= setting.min && number <= setting.max)) {
      throw new ConfigError(
        `${source} is '${value}', but must be a whole number from ${setting.min} to ${setting.max}`,
      );
    }
    return number;
  }

  requiredText(key: keyof ServiceConfig): string {
    return required(this.text(key), key);
  }

  requiredInteger(key: keyof ServiceConfig): number {
    return required(this.integer(key), key);
  }

  provider(): Provider {
    const name = this.requiredText('provider');
    if (!isProvider(name)) throw new TypeError(`setting provider allows '${name}', which is none`);
    return name;
  }

  #given(key: string): { value: string; source: string } | undefined {
    const flag = this.flags[key];
    if (flag !== undefined) return { value: flag, source: flagName(key) };
    const variable = this.environment[variableName(key)];
    return variable === undefined ? undefined : { value: variable, source: variableName(key) };
  }
}

function required<T>(value: T | undefined, key: string): T {
  if (value === undefined) throw new ConfigError(`${flagName(key)} is missing`);
  return value;
}
