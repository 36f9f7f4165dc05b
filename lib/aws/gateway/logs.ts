import type { RemovalPolicy } from 'aws-cdk-lib';
import {
  AccessLogFormat,
  LogGroupLogDestination,
  MethodLoggingLevel,
  type RestApi,
  type StageOptions,
} from 'aws-cdk-lib/aws-apigateway';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { namedLogGroup } from '../named-log-group';

/** The one stage of a gateway. */
const STAGE_NAME = 'live';

/** For how long records are kept, and whether they outlive their stack. */
export interface GatewayLogProps {
  readonly retention: RetentionDays;
  readonly removalPolicy: RemovalPolicy;
}

/** What is kept of a request. Never the key or token itself: logs are read by more people than secrets are. */
const ACCESS_LOG_FIELDS = {
  time: '$context.requestTime',
  requestId: '$context.requestId',
  traceId: '$context.xrayTraceId',
  consumer: '$context.identity.apiKeyId',
  caller: '$context.identity.caller',
  subject: '$context.authorizer.principalId',
  sourceIp: '$context.identity.sourceIp',
  userAgent: '$context.identity.userAgent',
  method: '$context.httpMethod',
  path: '$context.path',
  route: '$context.resourcePath',
  status: '$context.status',
  error: '$context.error.message',
  errorType: '$context.error.responseType',
  wafStatus: '$context.waf.status',
  responseBytes: '$context.responseLength',
  latencyMs: '$context.responseLatency',
  integrationStatus: '$context.integration.status',
  integrationLatencyMs: '$context.integration.latency',
  integrationError: '$context.integration.error',
} as const;

/** The stage, and how it writes a record of each request, and what failed, but no bodies. */
export function loggedStage(scope: Construct, props: GatewayLogProps): StageOptions {
  return {
    stageName: STAGE_NAME,
    accessLogDestination: new LogGroupLogDestination(new LogGroup(scope, 'access-log', props)),
    accessLogFormat: AccessLogFormat.custom(JSON.stringify(ACCESS_LOG_FIELDS)),
    loggingLevel: MethodLoggingLevel.ERROR,
    dataTraceEnabled: false,
    metricsEnabled: true,
  };
}

/** The group of what failed. The gateway would make it itself at its first error, and keep its records for ever. */
export function addExecutionLog(scope: Construct, api: RestApi, props: GatewayLogProps): void {
  const logGroupName = `API-Gateway-Execution-Logs_${api.restApiId}/${STAGE_NAME}`;
  const group = namedLogGroup(scope, 'execution-log', { logGroupName, ...props });
  api.deploymentStage.node.addDependency(group);
}
