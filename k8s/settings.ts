import { findStoreProblem, parseFeatureStoreUrl, portOf, storePort } from '../lib/spec/feature-store-url';
import type { SpecPool } from '../lib/spec/load';
import { findUrlProblem, isUrl, normaliseUrl } from '../lib/spec/model-url';
import { DEFAULT_TOKEN_KEY, SECRET_KEY, SECRET_NAME } from '../lib/spec/token-secret';
import { type BatchSettings, readBatch } from './batch-settings';
import { SettingsError } from './errors';

/** A cache that replicas share and that is not part of the cluster. */
export interface RedisSettings {
  /** As `headroom serve --redis` takes it; without credentials, which a manifest must not hold. */
  readonly url: string;
  /** @default 6379 */
  readonly port?: number;
  /** Signs in to ElastiCache by the identity of the pods. @default nobody signs in */
  readonly iam?: { readonly user: string; readonly cacheName: string };
}

export interface FeatureStoreSettings {
  /** Without credentials, which a manifest must not hold. */
  readonly url: string;
  /** @default 443: a service of AWS or the Internet; at any other port it is looked for in the cluster and its networks */
  readonly port?: number;
  /** Where a Secret of the namespace holds the token that a server of HTTP asks for. @default it asks for none */
  readonly tokenSecret?: { readonly name: string; readonly key: string };
}

/** What a release or a cluster decides, not the spec. */
export interface KubernetesSettings {
  /** Reference of the container image, best with its digest. */
  readonly image: string;
  /** The same for pools on GPUs, whose image carries CUDA. @default `image`, which then must */
  readonly gpuImage?: string;
  /** Who scrapes: the Prometheus operator, or nobody. */
  readonly monitoring: 'prometheus-operator' | 'none';
  /** Where Prometheus, its adapter and Grafana run. */
  readonly monitoringNamespace: string;
  /**
   * Networks of the load balancer, for `platform: eks`: its traffic comes from addresses, not from pods. A Redis outside
   * the cluster is looked for in them, too.
   */
  readonly clientCidrs: readonly string[];
  /** ARN of the target group by pool, for `platform: eks`; a pool without one is reached inside the cluster only. */
  readonly targetGroupArns: Readonly<Record<string, string>>;
  /** @default a Redis in the cluster for `platform: generic`, none for `platform: eks` */
  readonly redis?: RedisSettings;
  /**
   * Where the models that the spec names by a folder were pushed, each below its name: `s3://bucket/prefix` or
   * `https://host/path`. @default they are in the image
   */
  readonly modelStore?: { readonly url: string };
  /** Store of features by entity, as `headroom serve --feature-store` takes it. @default features lie beside the models */
  readonly featureStore?: FeatureStoreSettings;
  /** A run over files, to be made when the manifests are applied. @default none */
  readonly batch?: BatchSettings;
}

/** Networks that VPCs are made of (RFC 1918, RFC 6598): right without knowledge of the VPC, wider than needed. */
const PRIVATE_NETWORKS = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10'];

export const DEFAULT_SETTINGS: KubernetesSettings = {
  image: 'headroom:latest',
  gpuImage: 'headroom:latest-gpu',
  monitoring: 'prometheus-operator',
  monitoringNamespace: 'monitoring',
  clientCidrs: PRIVATE_NETWORKS,
  targetGroupArns: {},
};

const DNS_LABEL = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
/** `[registry[:port]/]repository[:tag][@sha256:…]` (distribution's reference grammar, without its rarer forms). */
const IMAGE = /^[a-z0-9][a-z0-9.:_/-]*[a-z0-9](?::[\w][\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$/;
const CIDR = /^(?:\d{1,3}\.){3}\d{1,3}\/(?:[0-9]|[12][0-9]|3[0-2])$/;
/** A single server or a cluster; sentinels answer at other ports than the server they name. */
const REDIS = /^rediss?(?:\+cluster)?:\/\/[^@/?#\s]+(?:\/\d{1,4})?$/;
/** `NAME` or `NAME/KEY`. */
const SECRET = new RegExp(`^(${SECRET_NAME})(?:/(${SECRET_KEY}))?$`);
const TARGET_GROUP = /^([a-z][-a-z0-9]*)=(arn:aws[-a-z]*:elasticloadbalancing:[-a-z0-9]+:\d{12}:targetgroup\/\S+)$/;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the settings from the environment; what is left out keeps its default.
 * @throws SettingsError naming the variable, its value and what is allowed
 */
export function readSettings(environment: Environment): KubernetesSettings {
  const { monitoringNamespace, clientCidrs } = DEFAULT_SETTINGS;
  const batch = readBatch(environment);
  const cidrs = environment.HEADROOM_CLIENT_CIDRS?.split(',') ?? clientCidrs;
  for (const cidr of cidrs) check('HEADROOM_CLIENT_CIDRS', cidr, CIDR, 'networks such as 10.0.0.0/16,10.1.0.0/16');
  return {
    ...readImages(environment),
    monitoring: readMonitoring(environment.HEADROOM_MONITORING),
    monitoringNamespace: check(
      'HEADROOM_MONITORING_NAMESPACE',
      environment.HEADROOM_MONITORING_NAMESPACE ?? monitoringNamespace,
      DNS_LABEL,
      'the name of a namespace',
    ),
    clientCidrs: cidrs,
    targetGroupArns: readTargetGroups(environment.HEADROOM_TARGET_GROUP_ARNS),
    ...readRedis(environment),
    ...readModelStore(environment.HEADROOM_MODEL_STORE),
    ...readFeatureStore(environment),
    ...(batch === undefined ? {} : { batch }),
  };
}

function readImages({
  HEADROOM_IMAGE,
  HEADROOM_GPU_IMAGE,
}: Environment): Pick<KubernetesSettings, 'image' | 'gpuImage'> {
  const allowed = 'an image such as registry/headroom:1.2';
  const image = check('HEADROOM_IMAGE', HEADROOM_IMAGE ?? DEFAULT_SETTINGS.image, IMAGE, allowed);
  const gpuImage = HEADROOM_GPU_IMAGE ?? HEADROOM_IMAGE ?? DEFAULT_SETTINGS.gpuImage;
  return { image, ...(gpuImage !== undefined && { gpuImage: check('HEADROOM_GPU_IMAGE', gpuImage, IMAGE, allowed) }) };
}

function check(variable: string, value: string, pattern: RegExp, allowed: string): string {
  if (pattern.test(value)) return value;
  throw new SettingsError(`${variable} is '${value}', expected ${allowed}`);
}

function readMonitoring(value: string | undefined): KubernetesSettings['monitoring'] {
  if (value === undefined) return DEFAULT_SETTINGS.monitoring;
  if (value === 'prometheus-operator' || value === 'none') return value;
  throw new SettingsError(`HEADROOM_MONITORING is '${value}', allowed: prometheus-operator, none`);
}

function readTargetGroups(value: string | undefined): Record<string, string> {
  if (value === undefined) return {};
  return Object.fromEntries(
    value.split(',').map((entry) => {
      const [, pool, arn] = TARGET_GROUP.exec(entry) ?? [];
      if (pool !== undefined && arn !== undefined) return [pool, arn];
      throw new SettingsError(`HEADROOM_TARGET_GROUP_ARNS has '${entry}', expected POOL=ARN of a target group`);
    }),
  );
}

function readRedis(environment: Environment): Pick<KubernetesSettings, 'redis'> {
  const { HEADROOM_REDIS_URL: url, HEADROOM_REDIS_IAM_USER: user, HEADROOM_REDIS_IAM_CACHE: cacheName } = environment;
  const iam = readIam(user, cacheName);
  if (url === undefined) {
    if (iam === undefined) return {};
    throw new SettingsError('HEADROOM_REDIS_IAM_USER is set, but HEADROOM_REDIS_URL, where to sign in, is not');
  }
  if (url.includes('@')) {
    throw new SettingsError('HEADROOM_REDIS_URL holds credentials, which a manifest must not; sign in by IAM');
  }
  check('HEADROOM_REDIS_URL', url, REDIS, 'redis[s]://host[:port] or redis[s]+cluster://host[:port]');
  if (iam !== undefined && !url.startsWith('rediss')) {
    throw new SettingsError(`HEADROOM_REDIS_URL is '${url}', but signing in by IAM needs TLS, expected rediss`);
  }
  const port = portOf(url);
  return { redis: { url, ...(port === undefined ? {} : { port }), ...(iam && { iam }) } };
}

function readIam(user: string | undefined, cacheName: string | undefined): RedisSettings['iam'] {
  if (user === undefined && cacheName === undefined) return undefined;
  if (user !== undefined && cacheName !== undefined) return { user, cacheName };
  const variables = ['HEADROOM_REDIS_IAM_USER', 'HEADROOM_REDIS_IAM_CACHE'];
  const [set, unset] = user === undefined ? variables.reverse() : variables;
  throw new SettingsError(`${set} is set, but ${unset} is not; signing in by IAM needs both`);
}

function readModelStore(url: string | undefined): Pick<KubernetesSettings, 'modelStore'> {
  if (url === undefined) return {};
  if (!isUrl(url) || findUrlProblem(url) !== undefined) {
    throw new SettingsError(`HEADROOM_MODEL_STORE is '${url}', expected s3://BUCKET/PREFIX or https://HOST/PATH`);
  }
  return { modelStore: { url: normaliseUrl(url) } };
}

function readFeatureStore(environment: Environment): Pick<KubernetesSettings, 'featureStore'> {
  const { HEADROOM_FEATURE_STORE: url, HEADROOM_FEATURE_STORE_TOKEN: token } = environment;
  if (token !== undefined) {
    throw new SettingsError(
      'HEADROOM_FEATURE_STORE_TOKEN is set, which a manifest must not hold; put it into a Secret and name that in HEADROOM_FEATURE_STORE_TOKEN_SECRET',
    );
  }
  const tokenSecret = readTokenSecret(environment.HEADROOM_FEATURE_STORE_TOKEN_SECRET, url);
  if (url === undefined) return {};
  const problem = findStoreProblem(url);
  if (problem !== undefined) throw new SettingsError(`HEADROOM_FEATURE_STORE ${problem}`);
  return { featureStore: { url, port: storePort(url), ...(tokenSecret && { tokenSecret }) } };
}

function readTokenSecret(value: string | undefined, url: string | undefined): FeatureStoreSettings['tokenSecret'] {
  if (value === undefined) return undefined;
  const variable = 'HEADROOM_FEATURE_STORE_TOKEN_SECRET';
  if (parseFeatureStoreUrl(url ?? '')?.kind !== 'http') {
    const store = url === undefined ? 'is not set' : `is '${url}'`;
    throw new SettingsError(`${variable} is set, but HEADROOM_FEATURE_STORE ${store}, expected http[s]://host[:port]`);
  }
  const [, name, key = DEFAULT_TOKEN_KEY] = SECRET.exec(value) ?? [];
  if (name !== undefined) return { name, key };
  throw new SettingsError(`${variable} is '${value}', expected the name of a Secret, or NAME/KEY`);
}

/** The image of a pool's pods. */
export function imageFor({ image, gpuImage }: KubernetesSettings, { hardware }: SpecPool): string {
  return hardware === 'gpu' ? (gpuImage ?? image) : image;
}
