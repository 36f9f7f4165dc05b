import { SettingsError } from './errors';

/** What a release or a cluster decides, not the spec. */
export interface KubernetesSettings {
  /** Reference of the container image, best with its digest. */
  readonly image: string;
  /** Who scrapes: the Prometheus operator, or nobody. */
  readonly monitoring: 'prometheus-operator' | 'none';
  /** Where Prometheus, its adapter and Grafana run. */
  readonly monitoringNamespace: string;
  /** Networks of the load balancer, for `platform: eks`: its traffic comes from addresses, not from pods. */
  readonly clientCidrs: readonly string[];
  /** ARN of the target group by pool, for `platform: eks`; a pool without one is reached inside the cluster only. */
  readonly targetGroupArns: Readonly<Record<string, string>>;
}

/** Networks that VPCs are made of (RFC 1918, RFC 6598): right without knowledge of the VPC, wider than needed. */
const PRIVATE_NETWORKS = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10'];

export const DEFAULT_SETTINGS: KubernetesSettings = {
  image: 'headroom:latest',
  monitoring: 'prometheus-operator',
  monitoringNamespace: 'monitoring',
  clientCidrs: PRIVATE_NETWORKS,
  targetGroupArns: {},
};

const DNS_LABEL = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
/** `[registry[:port]/]repository[:tag][@sha256:…]` (distribution's reference grammar, without its rarer forms). */
const IMAGE = /^[a-z0-9][a-z0-9.:_/-]*[a-z0-9](?::[\w][\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$/;
const CIDR = /^(?:\d{1,3}\.){3}\d{1,3}\/(?:[0-9]|[12][0-9]|3[0-2])$/;
const TARGET_GROUP = /^([a-z][-a-z0-9]*)=(arn:aws[-a-z]*:elasticloadbalancing:[-a-z0-9]+:\d{12}:targetgroup\/\S+)$/;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the settings from the environment; what is left out keeps its default.
 * @throws SettingsError naming the variable, its value and what is allowed
 */
export function readSettings(environment: Environment): KubernetesSettings {
  const { image, monitoringNamespace, clientCidrs } = DEFAULT_SETTINGS;
  const cidrs = environment.HEADROOM_CLIENT_CIDRS?.split(',') ?? clientCidrs;
  for (const cidr of cidrs) check('HEADROOM_CLIENT_CIDRS', cidr, CIDR, 'networks such as 10.0.0.0/16,10.1.0.0/16');
  return {
    image: check(
      'HEADROOM_IMAGE',
      environment.HEADROOM_IMAGE ?? image,
      IMAGE,
      'an image such as registry/headroom:1.2',
    ),
    monitoring: readMonitoring(environment.HEADROOM_MONITORING),
    monitoringNamespace: check(
      'HEADROOM_MONITORING_NAMESPACE',
      environment.HEADROOM_MONITORING_NAMESPACE ?? monitoringNamespace,
      DNS_LABEL,
      'the name of a namespace',
    ),
    clientCidrs: cidrs,
    targetGroupArns: readTargetGroups(environment.HEADROOM_TARGET_GROUP_ARNS),
  };
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
