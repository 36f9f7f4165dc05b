import { PROVIDERS, type Provider } from './provider';

/** What `headroom serve` runs with. Every field has one flag and one environment variable, see {@link SETTINGS}. */
export interface ServiceConfig {
  /** Folder that holds `<model>/<version>/model.onnx`; undefined: the models that the spec names. */
  readonly models: string | undefined;
  /** Path of a headroom.yaml whose SLOs and cache settings apply to the models it names. */
  readonly spec: string | undefined;
  readonly host: string;
  readonly httpPort: number;
  readonly adminPort: number;
  readonly logLevel: string;
  /** Upper bound of the in-process prediction cache in MiB; 0: predictions are not cached at all. */
  readonly cacheMib: number;
  /** Address of a Redis that replicas share as a cache, see parseRedisAddress; undefined: they share none. */
  readonly redis: string | undefined;
  /** User of ElastiCache that signs in there by IAM; undefined: the user and password of the address, if any. */
  readonly redisIamUser: string | undefined;
  /** What this user signs in to: the id of a replication group, or `serverlesscache:` and the name of such a cache. */
  readonly redisIamCache: string | undefined;
  /** Address of the store of all features, see parseFeatureStoreAddress; undefined: models read files of their own. */
  readonly featureStore: string | undefined;
  /** That a feature store which speaks HTTP asks for. */
  readonly featureStoreToken: string | undefined;
  /** Largest request body in MiB, after decompression. */
  readonly bodyLimitMib: number;
  /** Rows that may wait per model before requests are refused with 503. */
  readonly queueRows: number;
  /** Worker threads per heavy model; undefined: as many as the cores carry. */
  readonly workers: number | undefined;
  /** Threads that one run of a model may use. */
  readonly intraOpThreads: number;
  /** What models run on whose model.yaml does not say. */
  readonly provider: Provider;
  /** How often the model folder is looked at for new versions. */
  readonly pollIntervalMs: number;
  /** Address below which the models that the spec names by a folder are fetched, each under its name. */
  readonly modelStore: string | undefined;
  /** Folder for the files of remote models; undefined: the one of the user. */
  readonly artifactCache: string | undefined;
  /** Upper bound of that folder in MiB. */
  readonly artifactCacheMib: number;
  /** How often the manifests of remote models are looked at. */
  readonly artifactPollMs: number;
  /** How long the service still answers after SIGTERM, so that load balancers can turn away. */
  readonly preStopMs: number;
  /** How long requests in flight may take after that. */
  readonly drainTimeoutMs: number;
  /** Resident memory in MiB at which the service retires; undefined: 80 % of the container's limit, if it has one. */
  readonly memoryLimitMib: number | undefined;
}

interface TextSetting {
  readonly kind: 'text';
  readonly default: string | undefined;
  readonly allowed?: readonly string[];
  /** Comes from the environment only: who may list processes reads their flags. */
  readonly isSecret?: boolean;
}

interface NumberSetting {
  readonly kind: 'integer';
  readonly default: number | undefined;
  readonly min: number;
  readonly max: number;
}

export type Setting = { readonly description: string; readonly placeholder: string } & (TextSetting | NumberSetting);

const port = (value: number, what: string): Setting => ({
  kind: 'integer',
  default: value,
  min: 0,
  max: 65_535,
  placeholder: 'PORT',
  description: `${what} (0 picks a free one)`,
});

/** Every setting once: the command line, the environment, the range checks and the help are made from this table. */
export const SETTINGS: { readonly [K in keyof ServiceConfig]: Setting } = {
  models: {
    kind: 'text',
    default: undefined,
    placeholder: 'DIR',
    description: 'folder of models, <model>/<version>/model.onnx (default: the bundled ones)',
  },
  spec: {
    kind: 'text',
    default: undefined,
    placeholder: 'FILE',
    description: 'headroom.yaml whose SLOs and cache settings apply; without --models also which models are served',
  },
  host: { kind: 'text', default: '127.0.0.1', placeholder: 'ADDRESS', description: 'address to listen on' },
  httpPort: port(8000, 'port for inference'),
  adminPort: port(8002, 'port for metrics, documentation and administration; never make it public'),
  logLevel: {
    kind: 'text',
    default: 'info',
    allowed: ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'],
    placeholder: 'LEVEL',
    description: 'how much to log',
  },
  cacheMib: {
    kind: 'integer',
    default: 64,
    min: 0,
    max: 1_048_576,
    placeholder: 'MIB',
    description: 'size of the in-process prediction cache; 0 switches the caching of predictions off',
  },
  redis: {
    kind: 'text',
    default: undefined,
    placeholder: 'URL',
    description: 'cache that replicas share: redis[s]://…, redis[s]+cluster://… or redis[s]+sentinel://…',
  },
  redisIamUser: {
    kind: 'text',
    default: undefined,
    placeholder: 'NAME',
    description: 'user of ElastiCache that signs in by IAM instead of a password; the region is AWS_REGION',
  },
  redisIamCache: {
    kind: 'text',
    default: undefined,
    placeholder: 'NAME',
    description: 'id of the replication group that this user signs in to, or serverlesscache:NAME',
  },
  featureStore: {
    kind: 'text',
    default: undefined,
    placeholder: 'URL',
    description: 'store of features by entity: redis[s]://…, dynamodb://table or the http[s]://… of a Feast server',
  },
  featureStoreToken: {
    kind: 'text',
    default: undefined,
    isSecret: true,
    placeholder: 'TOKEN',
    description: 'token that the feature store asks for, as Authorization: Bearer',
  },
  bodyLimitMib: {
    kind: 'integer',
    default: 32,
    min: 1,
    max: 1024,
    placeholder: 'MIB',
    description: 'largest request body, after decompression',
  },
  queueRows: {
    kind: 'integer',
    default: 4096,
    min: 1,
    max: 10_000_000,
    placeholder: 'ROWS',
    description: 'rows that may wait per model before requests are refused',
  },
  workers: {
    kind: 'integer',
    default: undefined,
    min: 1,
    max: 256,
    placeholder: 'N',
    description:
      'worker threads per heavy model, fewer for one whose model.yaml gives a run more threads (default: what the cores carry)',
  },
  intraOpThreads: {
    kind: 'integer',
    default: 1,
    min: 1,
    max: 256,
    placeholder: 'N',
    description: 'threads that one run of a model may use',
  },
  provider: {
    kind: 'text',
    default: 'cpu',
    allowed: PROVIDERS,
    placeholder: 'NAME',
    description: `what models run on whose model.yaml does not say: ${PROVIDERS.join(', ')}`,
  },
  pollIntervalMs: {
    kind: 'integer',
    default: 1000,
    min: 50,
    max: 3_600_000,
    placeholder: 'MS',
    description: 'how often the model folder is looked at for new versions',
  },
  modelStore: {
    kind: 'text',
    default: undefined,
    placeholder: 'URL',
    description: 'where to fetch the models that the spec names by a folder: s3://… or https://…, each under its name',
  },
  artifactCache: {
    kind: 'text',
    default: undefined,
    placeholder: 'DIR',
    description: 'where files of models with a URL are kept (default: headroom/artifacts in ~/.cache)',
  },
  artifactCacheMib: {
    kind: 'integer',
    default: 20_480,
    min: 1,
    max: 1_073_741_824,
    placeholder: 'MIB',
    description: 'how large that folder may become; what is in use is never removed',
  },
  artifactPollMs: {
    kind: 'integer',
    default: 30_000,
    min: 50,
    max: 86_400_000,
    placeholder: 'MS',
    description: 'how often models with a URL are looked at for new versions',
  },
  preStopMs: {
    kind: 'integer',
    default: 0,
    min: 0,
    max: 600_000,
    placeholder: 'MS',
    description: 'how long to answer on after SIGTERM, while load balancers turn away',
  },
  drainTimeoutMs: {
    kind: 'integer',
    default: 30_000,
    min: 0,
    max: 600_000,
    placeholder: 'MS',
    description: 'how long requests in flight may take once the service stops',
  },
  memoryLimitMib: {
    kind: 'integer',
    default: undefined,
    min: 64,
    max: 16_777_216,
    placeholder: 'MIB',
    description: "resident memory at which the service retires (default: 80 % of the container's limit)",
  },
};

/** `httpPort` → `--http-port`. */
export function flagName(key: string): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** `httpPort` → `HEADROOM_HTTP_PORT`. */
export function variableName(key: string): string {
  return `HEADROOM_${key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}
