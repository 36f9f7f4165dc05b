import type { CfnWebACL } from 'aws-cdk-lib/aws-wafv2';

/** A group of rules that AWS keeps up to date. */
interface ManagedGroup {
  readonly name: string;
  /** Rules that only count, because they would stop honest callers. */
  readonly counted: readonly string[];
}

/**
 * What is aimed at any server on the Internet. Not among it: SQL, PHP or WordPress, which there is none of behind it;
 * and anonymous addresses, which are those of cloud providers, from where most callers of an inference API come.
 */
const MANAGED_GROUPS: readonly ManagedGroup[] = [
  { name: 'AWSManagedRulesAmazonIpReputationList', counted: [] },
  { name: 'AWSManagedRulesKnownBadInputsRuleSet', counted: [] },
  {
    name: 'AWSManagedRulesCommonRuleSet',
    counted: [
      // Tensors and images are larger than the 8 KB that it takes for a form.
      'SizeRestrictions_BODY',
      // Features hold addresses, paths and markup; images hold any bytes. Nothing here runs or opens them.
      'CrossSiteScripting_BODY',
      'GenericLFI_BODY',
      'GenericRFI_BODY',
      'EC2MetaDataSSRF_BODY',
      // Clients of APIs are no browsers.
      'NoUserAgent_HEADER',
    ],
  },
];

/** Key of the body that a caller gets who comes too often. */
export const TOO_OFTEN = 'too-often';

/** Seconds over which requests are counted; also when to come back. */
const WINDOW_SECONDS = 60;

/** Who is counted together. */
export type RateKey = 'address' | 'api-key';

/** The managed groups, from `firstPriority` on. */
export function managedRules(firstPriority: number): CfnWebACL.RuleProperty[] {
  return MANAGED_GROUPS.map(({ name, counted }, index) => ({
    name,
    priority: firstPriority + index,
    // The actions of the rules hold.
    overrideAction: { none: {} },
    statement: {
      managedRuleGroupStatement: {
        vendorName: 'AWS',
        name,
        ruleActionOverrides: counted.map((rule) => ({ name: rule, actionToUse: { count: {} } })),
      },
    },
    visibilityConfig: visibility(name),
  }));
}

/** Refuses, as the service does, whoever sends more than `requestsPerMinute`. */
export function rateRule(key: RateKey, requestsPerMinute: number, priority: number): CfnWebACL.RuleProperty {
  const name = `rate-by-${key}`;
  const byKey = {
    aggregateKeyType: 'CUSTOM_KEYS',
    customKeys: [{ header: { name: 'x-api-key', textTransformations: [{ priority: 0, type: 'NONE' }] } }],
  };
  return {
    name,
    priority,
    action: {
      block: {
        customResponse: {
          responseCode: 429,
          customResponseBodyKey: TOO_OFTEN,
          responseHeaders: [{ name: 'Retry-After', value: String(WINDOW_SECONDS) }],
        },
      },
    },
    statement: {
      rateBasedStatement: {
        limit: requestsPerMinute,
        evaluationWindowSec: WINDOW_SECONDS,
        ...(key === 'address' ? { aggregateKeyType: 'IP' } : byKey),
      },
    },
    visibilityConfig: visibility(name),
  };
}

/** Under which name CloudWatch counts, with samples of the requests for the console. */
export function visibility(metricName: string): CfnWebACL.VisibilityConfigProperty {
  return { cloudWatchMetricsEnabled: true, sampledRequestsEnabled: true, metricName };
}
