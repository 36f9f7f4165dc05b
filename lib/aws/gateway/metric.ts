import type { Duration } from 'aws-cdk-lib';
import type { RestApi, Stage } from 'aws-cdk-lib/aws-apigateway';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';

/** An API gateway as it is watched. */
export interface ObservedGateway {
  readonly api: RestApi;
  readonly stage: Stage;
}

/** A metric of one stage; the gateway also has those of its name alone, over all stages. */
export function gatewayMetric(
  { api, stage }: ObservedGateway,
  metricName: string,
  period: Duration,
  statistic: string,
): Metric {
  return new Metric({
    namespace: 'AWS/ApiGateway',
    metricName,
    dimensionsMap: { ApiName: api.restApiName, Stage: stage.stageName },
    period,
    statistic,
    label: metricName,
  });
}
