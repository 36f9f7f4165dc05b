import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import {
  AccessLogFormat,
  ApiKey,
  ApiKeySourceType,
  AuthorizationType,
  CognitoUserPoolsAuthorizer,
  EndpointType,
  type IApiKey,
  LogGroupLogDestination,
  type Method,
  MethodLoggingLevel,
  type MethodOptions,
  type Model,
  Period,
  type RequestValidator,
  ResponseType,
  RestApi,
  SecurityPolicy,
  type Stage,
} from 'aws-cdk-lib/aws-apigateway';
import type { ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import type { IUserPool } from 'aws-cdk-lib/aws-cognito';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import type { IApplicationLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { type ApiBody, type ApiRoute, apiRoutes, BINARY_MEDIA_TYPES } from '../api-routes';
import { checkWholeNumber } from '../check-props';
import { PropsError } from '../errors';
import { gatewayErrors } from '../gateway-errors';
import { LoadBalancerLink } from '../load-balancer-link';
import { API_BODY_SCHEMAS } from '../request-bodies';

/** Who calls, with an API key of its own. */
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
}

/**
 * How a caller shows that it may call at all. Tokens of other issuers than Cognito are checked by the load balancer,
 * see docs/decisions/0008-jwt-at-the-load-balancer.md.
 */
export type ApiAuthorization =
  /** By the API key of a consumer alone. */
  | { readonly type: 'api-key' }
  /** By a token of one of the user pools; with scopes an access token that has one of them, else an identity token. */
  | { readonly type: 'cognito'; readonly userPools: readonly IUserPool[]; readonly scopes?: readonly string[] }
  /** By a signature of AWS, see {@link ApiGateway.grantInvoke}. */
  | { readonly type: 'iam' };

export interface ApiGatewayProps {
  readonly vpc: IVpc;

  /** Where requests go: the address by which models are found is left as it is. */
  readonly loadBalancer: IApplicationLoadBalancer;

  /**
   * Name in the load balancer's certificate.
   * @default none: the load balancer is asked over HTTP, inside the VPC
   */
  readonly loadBalancerTlsName?: string;

  /** Names of the models that clients may ask. */
  readonly models: readonly string[];

  /**
   * Callers, each with a key and limits of its own. Where there are any, every request needs a key.
   * @default none, for authorisation by Cognito or IAM only
   */
  readonly consumers?: readonly ApiConsumer[];

  /** @default by the API key of a consumer */
  readonly authorization?: ApiAuthorization;

  /**
   * Milliseconds after which the gateway gives a request up, 50 to 29000. It should be somewhat more than the time
   * that still helps the caller, so that the service's own refusal, with its reason, comes first.
   * @default 29000
   */
  readonly timeoutMs?: number;

  /**
   * Requests/s to which all callers together are held.
   * @default the account's limit
   */
  readonly rateQps?: number;

  /**
   * Requests that all callers together may send at once.
   * @default the account's limit
   */
  readonly burst?: number;

  /**
   * Name under which clients reach the API, with its certificate in the same region; the address that AWS gives is
   * then closed.
   * @default the address that AWS gives
   */
  readonly domain?: { readonly name: string; readonly certificate: ICertificate };

  /**
   * How long the records of requests are kept.
   * @default three months
   */
  readonly logRetention?: RetentionDays;

  /**
   * What becomes of the logs when the stack is deleted.
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

/** Longest that a regional REST API waits without a raised quota. */
export const MAX_TIMEOUT_MS = 29_000;
const MIN_TIMEOUT_MS = 50;

/** What is kept of a request. Never the key itself: logs are read by more people than secrets are. */
const ACCESS_LOG_FIELDS = {
  time: '$context.requestTime',
  requestId: '$context.requestId',
  traceId: '$context.xrayTraceId',
  consumer: '$context.identity.apiKeyId',
  caller: '$context.identity.caller',
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

/**
 * The public way in: a regional REST API that knows its callers, holds each to its rate and quota, refuses bodies that
 * cannot be right, and passes the rest on to an internal load balancer. It should stand behind a web ACL, see Firewall.
 */
export class ApiGateway extends Construct {
  readonly api: RestApi;
  readonly stage: Stage;
  /** By the name of the consumer; their values are made by AWS and never stand in a template. */
  readonly apiKeys: Readonly<Record<string, IApiKey>>;

  /** @throws PropsError where nobody could call, or AWS would refuse a value */
  constructor(scope: Construct, id: string, props: ApiGatewayProps) {
    super(scope, id);
    const { consumers = [], authorization = { type: 'api-key' }, timeoutMs = MAX_TIMEOUT_MS } = props;
    checkProps(props, consumers, authorization, timeoutMs);
    this.api = this.#restApi(props);
    this.stage = this.api.deploymentStage;
    this.#addErrors(authorization.type === 'iam');
    const link = new LoadBalancerLink(this, 'vpc-link', props);
    const options = { ...this.#authorized(authorization), apiKeyRequired: consumers.length > 0 };
    const validator = this.api.addRequestValidator('validator', {
      validateRequestBody: true,
      validateRequestParameters: true,
    });
    const bodies = this.#bodies();
    for (const route of apiRoutes(props.models)) {
      const resource = this.api.root.resourceForPath(route.path);
      const method = link.addMethod(resource, route, timeoutMs, { ...options, ...checked(route, bodies, validator) });
      acknowledgeAuthorization(method, authorization);
    }
    this.apiKeys = Object.fromEntries(consumers.map((consumer) => [consumer.name, this.#admit(consumer)]));
  }

  /** Lets an identity call every route, for authorisation by IAM. */
  grantInvoke(grantee: IGrantable): Grant {
    return Grant.addToPrincipal({
      grantee,
      actions: ['execute-api:Invoke'],
      resourceArns: [this.api.arnForExecuteApi('*', '/*', this.stage.stageName)],
    });
  }

  #restApi(props: ApiGatewayProps): RestApi {
    const { domain, logRetention: retention = RetentionDays.THREE_MONTHS } = props;
    const removalPolicy = props.removalPolicy ?? RemovalPolicy.RETAIN;
    const accessLog = new LogGroup(this, 'access-log', { retention, removalPolicy });
    const api = new RestApi(this, 'api', {
      description: 'Inference service',
      endpointConfiguration: { types: [EndpointType.REGIONAL] },
      disableExecuteApiEndpoint: domain !== undefined,
      ...(domain && {
        domainName: {
          domainName: domain.name,
          certificate: domain.certificate,
          endpointType: EndpointType.REGIONAL,
          securityPolicy: SecurityPolicy.TLS_1_2,
        },
      }),
      apiKeySourceType: ApiKeySourceType.HEADER,
      binaryMediaTypes: [...BINARY_MEDIA_TYPES],
      // A setting of the whole account and region: it outlives this stack, because other APIs log by it, too.
      cloudWatchRole: true,
      cloudWatchRoleRemovalPolicy: RemovalPolicy.RETAIN,
      deployOptions: {
        stageName: 'live',
        accessLogDestination: new LogGroupLogDestination(accessLog),
        accessLogFormat: AccessLogFormat.custom(JSON.stringify(ACCESS_LOG_FIELDS)),
        loggingLevel: MethodLoggingLevel.ERROR,
        dataTraceEnabled: false,
        metricsEnabled: true,
        ...(props.rateQps === undefined ? {} : { throttlingRateLimit: props.rateQps }),
        ...(props.burst === undefined ? {} : { throttlingBurstLimit: props.burst }),
      },
    });
    // The gateway would make this group itself at its first error, and keep its records for ever.
    const executionLog = new LogGroup(this, 'execution-log', {
      logGroupName: `API-Gateway-Execution-Logs_${api.restApiId}/live`,
      retention,
      removalPolicy,
    });
    api.deploymentStage.node.addDependency(executionLog);
    Validations.of(api).acknowledge({
      id: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]',
      reason: 'the policy that AWS keeps for exactly this role; its log groups are named by the gateway',
    });
    return api;
  }

  #addErrors(isSigned: boolean): void {
    const named = gatewayErrors(isSigned).map(({ sentence, ...error }) => ({
      ...error,
      template: JSON.stringify({ error: sentence }),
    }));
    for (const { name, type, statusCode, template, retryAfterSeconds } of named) {
      this.api.addGatewayResponse(name, {
        type,
        statusCode: String(statusCode),
        templates: { 'application/json': template },
        ...(retryAfterSeconds && { responseHeaders: { 'Retry-After': `'${retryAfterSeconds}'` } }),
      });
    }
    for (const [name, type] of Object.entries({
      'other-4xx': ResponseType.DEFAULT_4XX,
      'other-5xx': ResponseType.DEFAULT_5XX,
    })) {
      // The gateway's own sentence, which comes with its quotes.
      this.api.addGatewayResponse(name, {
        type,
        templates: { 'application/json': '{"error":$context.error.messageString}' },
      });
    }
  }

  #authorized(authorization: ApiAuthorization): MethodOptions {
    switch (authorization.type) {
      case 'api-key':
        return { authorizationType: AuthorizationType.NONE };
      case 'iam':
        return { authorizationType: AuthorizationType.IAM };
      case 'cognito':
        return {
          authorizationType: AuthorizationType.COGNITO,
          authorizer: new CognitoUserPoolsAuthorizer(this, 'authorizer', {
            cognitoUserPools: [...authorization.userPools],
          }),
          ...(authorization.scopes && { authorizationScopes: [...authorization.scopes] }),
        };
    }
  }

  #bodies(): Readonly<Record<ApiBody, Model>> {
    const model = (name: ApiBody) =>
      this.api.addModel(name, { contentType: 'application/json', schema: API_BODY_SCHEMAS[name] });
    return { instances: model('instances'), tensors: model('tensors') };
  }

  #admit({ name, rateQps, burst, quotaPerDay }: ApiConsumer): IApiKey {
    const apiKey = new ApiKey(this, `key-${name}`, { description: `Consumer ${name}` });
    const plan = this.api.addUsagePlan(`plan-${name}`, {
      description: `What ${name} may send`,
      throttle: { rateLimit: rateQps, burstLimit: burst },
      ...(quotaPerDay === undefined ? {} : { quota: { limit: quotaPerDay, period: Period.DAY } }),
      apiStages: [{ api: this.api, stage: this.stage }],
    });
    plan.addApiKey(apiKey);
    return apiKey;
  }
}

function checked(
  { body }: ApiRoute,
  bodies: Readonly<Record<ApiBody, Model>>,
  requestValidator: RequestValidator,
): MethodOptions {
  // Bodies of other types than JSON are not looked into.
  return { requestValidator, ...(body && { requestModels: { 'application/json': bodies[body] } }) };
}

function acknowledgeAuthorization(method: Method, { type }: ApiAuthorization): void {
  if (type === 'cognito') return;
  const reason =
    type === 'iam'
      ? 'callers sign their requests with credentials of AWS'
      : "callers are known by their API key, which the usage plans ask for on every route, as the system's spec says";
  Validations.of(method).acknowledge({ id: 'AwsSolutions-COG4', reason });
  if (type === 'api-key') Validations.of(method).acknowledge({ id: 'AwsSolutions-APIG4', reason });
}

function checkProps(
  { loadBalancerTlsName, models }: ApiGatewayProps,
  consumers: readonly ApiConsumer[],
  { type }: ApiAuthorization,
  timeoutMs: number,
): void {
  if (models.length === 0) throw new PropsError('ApiGateway.models', 'an empty list', 'at least one model');
  if (type === 'api-key' && consumers.length === 0) {
    throw new PropsError('ApiGateway.consumers', 'none', 'at least one where callers are known by their key');
  }
  checkWholeNumber('ApiGateway.timeoutMs', timeoutMs, MIN_TIMEOUT_MS, MAX_TIMEOUT_MS);
  if (loadBalancerTlsName === '') throw new PropsError('ApiGateway.loadBalancerTlsName', '', 'a domain name');
}
