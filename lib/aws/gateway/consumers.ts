import { ApiKey, type IApiKey, Period, type RestApi } from 'aws-cdk-lib/aws-apigateway';
import type { Construct } from 'constructs';
import { usageKey } from '../token-authorizer/usage-key';

/** Who calls, with limits of its own. */
export interface ApiConsumer {
  readonly name: string;
  /** Requests/s that it may send steadily. */
  readonly rateQps: number;
  /** Requests that it may send at once. */
  readonly burst: number;
  /**
   * Requests that it may send in a day.
   * @default no quota
   */
  readonly quotaPerDay?: number | undefined;
  /**
   * What its tokens call it, for authorisation by JWT.
   * @default its name
   */
  readonly clientId?: string | undefined;
}

/**
 * Gives a consumer its limits, and a key by which the gateway counts.
 *
 * @param usageScope where tokens say who calls: what the authoriser makes keys of; undefined where callers have the key,
 *   whose value is then made by AWS and stands in no template
 */
export function admitConsumer(
  scope: Construct,
  api: RestApi,
  { name, rateQps, burst, quotaPerDay, clientId = name }: ApiConsumer,
  usageScope: string | undefined,
): IApiKey {
  // Two names, so that the keys that stand in a template are gone once callers have the keys.
  const apiKey =
    usageScope === undefined
      ? new ApiKey(scope, `key-${name}`, { description: `Consumer ${name}` })
      : new ApiKey(scope, `client-${name}`, {
          description: `Consumer ${name}, given by the authoriser`,
          value: usageKey(usageScope, clientId),
        });
  const plan = api.addUsagePlan(`plan-${name}`, {
    description: `What ${name} may send`,
    throttle: { rateLimit: rateQps, burstLimit: burst },
    ...(quotaPerDay === undefined ? {} : { quota: { limit: quotaPerDay, period: Period.DAY } }),
    apiStages: [{ api, stage: api.deploymentStage }],
  });
  plan.addApiKey(apiKey);
  return apiKey;
}
