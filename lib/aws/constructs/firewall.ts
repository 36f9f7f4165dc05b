import { ArnFormat, Names, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { CfnLoggingConfiguration, CfnWebACL, CfnWebACLAssociation } from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import { checkWholeNumber } from '../check-props';
import { checkEdgeRegion } from '../edge/edge-region';
import { PropsError } from '../errors';
import type { ObservedFirewall } from '../firewall/metric';
import { managedRules, type RateKey, rateRule, TOO_OFTEN, visibility } from '../firewall/rules';
import { namedLogGroup } from '../named-log-group';

export interface FirewallProps {
  /**
   * What it stands in front of: API gateways of its region, or CloudFront, for which its stack must be in us-east-1.
   * @default 'regional'
   */
  readonly scope?: 'regional' | 'cloudfront';

  /**
   * Requests/min that one address may send, 10 to 2000000000. A caller's servers often share an address, so it should
   * be some times the rate of the largest consumer. Behind CloudFront it belongs to the web ACL of CloudFront.
   * @default 60000
   */
  readonly requestsPerMinutePerAddress?: number;

  /**
   * Requests/min that each API key may send, 10 to 2000000000; for what has no usage plans.
   * @default not limited here
   */
  readonly requestsPerMinutePerKey?: number;

  /**
   * How long the records of what was refused are kept.
   * @default three months
   */
  readonly logRetention?: RetentionDays;

  /**
   * What becomes of the records when the stack is deleted.
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

const DEFAULT_REQUESTS_PER_MINUTE = 60_000;
/** Bounds of WAF. */
const MIN_REQUESTS = 10;
const MAX_REQUESTS = 2_000_000_000;

/** Headers that hold secrets. */
const SECRET_HEADERS = ['authorization', 'x-api-key'];

/** Names of groups for the records of WAF must begin so. */
const LOG_GROUP_PREFIX = 'aws-waf-logs-';

/**
 * A web ACL for an inference API: who floods or attacks any server is refused before it costs a run, while tensors and
 * images pass. What it refuses is recorded without keys and tokens.
 */
export class Firewall extends Construct {
  /** For a distribution of CloudFront. */
  readonly webAclArn: string;
  readonly webAcl: CfnWebACL;
  /** For alarms and dashboards. */
  readonly observed: ObservedFirewall;
  readonly #isRegional: boolean;

  /** @throws PropsError for a rate that WAF does not take, or a stack in another region than CloudFront asks for */
  constructor(scope: Construct, id: string, props: FirewallProps = {}) {
    super(scope, id);
    this.#isRegional = (props.scope ?? 'regional') === 'regional';
    if (!this.#isRegional) checkEdgeRegion(this, 'Firewall.scope', 'cloudfront');
    const rates = ratesOf(props);
    const name = Names.uniqueResourceName(this, { maxLength: 64, separator: '-' });
    this.webAcl = new CfnWebACL(this, 'web-acl', {
      scope: this.#isRegional ? 'REGIONAL' : 'CLOUDFRONT',
      description: 'Inference API',
      defaultAction: { allow: {} },
      rules: [...rates.map(([key, requests], index) => rateRule(key, requests, index)), ...managedRules(rates.length)],
      customResponseBodies: {
        [TOO_OFTEN]: {
          contentType: 'APPLICATION_JSON',
          content: JSON.stringify({ error: 'too many requests in the last minute' }),
        },
      },
      // CloudWatch tells web ACLs apart by this name alone.
      visibilityConfig: visibility(name),
    });
    this.webAclArn = this.webAcl.attrArn;
    this.observed = { metricName: name, region: this.#isRegional ? Stack.of(this).region : undefined };
    this.#log(name, props);
  }

  /**
   * Stands in front of a stage of an API gateway, or of a load balancer, of its region.
   * @param id of the association below this construct
   * @throws PropsError for the scope of CloudFront, whose distributions name their web ACL themselves
   */
  protect(id: string, resourceArn: string): void {
    if (!this.#isRegional) {
      throw new PropsError('Firewall.scope', 'cloudfront', 'regional: a distribution takes its webAclArn instead');
    }
    new CfnWebACLAssociation(this, id, { resourceArn, webAclArn: this.webAclArn });
  }

  #log(
    name: string,
    { logRetention = RetentionDays.THREE_MONTHS, removalPolicy = RemovalPolicy.RETAIN }: FirewallProps,
  ): void {
    const group = namedLogGroup(this, 'log', {
      logGroupName: `${LOG_GROUP_PREFIX}${name}`,
      retention: logRetention,
      removalPolicy,
    });
    // The group's own ARN ends in `:*`, which WAF does not take.
    const groupArn = Stack.of(this).formatArn({
      service: 'logs',
      resource: 'log-group',
      resourceName: group.logGroupName,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    new CfnLoggingConfiguration(this, 'logging', {
      resourceArn: this.webAclArn,
      logDestinationConfigs: [groupArn],
      redactedFields: SECRET_HEADERS.map((name) => ({ singleHeader: { Name: name } })),
      loggingFilter: {
        DefaultBehavior: 'DROP',
        Filters: [
          {
            Behavior: 'KEEP',
            Requirement: 'MEETS_ANY',
            Conditions: ['BLOCK', 'COUNT', 'EXCLUDED_AS_COUNT'].map((Action) => ({ ActionCondition: { Action } })),
          },
        ],
      },
    });
  }
}

function ratesOf(props: FirewallProps): (readonly [RateKey, number])[] {
  const perAddress = props.requestsPerMinutePerAddress ?? DEFAULT_REQUESTS_PER_MINUTE;
  const perKey = props.requestsPerMinutePerKey;
  checkWholeNumber('Firewall.requestsPerMinutePerAddress', perAddress, MIN_REQUESTS, MAX_REQUESTS);
  if (perKey === undefined) return [['address', perAddress]];
  checkWholeNumber('Firewall.requestsPerMinutePerKey', perKey, MIN_REQUESTS, MAX_REQUESTS);
  return [
    ['address', perAddress],
    ['api-key', perKey],
  ];
}
