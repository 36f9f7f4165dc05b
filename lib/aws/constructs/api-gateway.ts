import { Names, RemovalPolicy } from 'aws-cdk-lib';
import {
  ApiKeySourceType,
  EndpointType,
  type IApiKey,
  type MethodOptions,
  type Model,
  type RequestValidator,
  RestApi,
  SecurityPolicy,
  type Stage,
} from 'aws-cdk-lib/aws-apigateway';
import type { ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import type { IApplicationLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { checkWholeNumber } from '../check-props';
import { PropsError } from '../errors';
import { acknowledge, managedPolicyFinding } from '../findings';
import { type ApiBody, type ApiRoute, apiRoutes, BINARY_MEDIA_TYPES } from '../gateway/api-routes';
import { type ApiAuthorization, acknowledgeAuthorization, methodAuthorization } from '../gateway/authorization';
import { type ApiConsumer, admitConsumer } from '../gateway/consumers';
import { addGatewayErrors } from '../gateway/errors';
import { LoadBalancerLink } from '../gateway/load-balancer-link';
import { addExecutionLog, loggedStage } from '../gateway/logs';
import { API_BODY_SCHEMAS } from '../gateway/request-bodies';

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
   * Callers, each with limits of its own. Where there are any, every request needs the key of one, or a token that
   * names one where callers are known by JWT.
   * @default none, for authorisation by Cognito, JWT or IAM only: all who may call share the limits of the API
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

/**
 * The public way in: a regional REST API that knows its callers, holds each to its rate and quota, refuses bodies that
 * cannot be right, and passes the rest on to an internal load balancer. It should stand behind a web ACL, see Firewall.
 */
export class ApiGateway extends Construct {
  readonly api: RestApi;
  readonly stage: Stage;
  /**
   * By the name of the consumer. Their values are made by AWS and never stand in a template, unless tokens say who
   * calls: then no caller has one.
   */
  readonly apiKeys: Readonly<Record<string, IApiKey>>;

  /** @throws PropsError where nobody could call, or AWS would refuse a value */
  constructor(scope: Construct, id: string, props: ApiGatewayProps) {
    super(scope, id);
    const { consumers = [], authorization = { type: 'api-key' }, timeoutMs = MAX_TIMEOUT_MS } = props;
    checkProps(props, consumers, authorization, timeoutMs);
    const usageScope = authorization.type === 'jwt' && consumers.length > 0 ? this.node.path : undefined;
    this.api = this.#restApi(props, usageScope === undefined ? ApiKeySourceType.HEADER : ApiKeySourceType.AUTHORIZER);
    this.stage = this.api.deploymentStage;
    addGatewayErrors(this.api, authorization.type);
    const link = new LoadBalancerLink(this, 'vpc-link', props);
    const authorized = methodAuthorization(this, authorization, usageScope);
    const options = { ...authorized, apiKeyRequired: consumers.length > 0 };
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
    this.apiKeys = Object.fromEntries(
      consumers.map((consumer) => [consumer.name, admitConsumer(this, this.api, consumer, usageScope)]),
    );
  }

  /** Lets an identity call every route, for authorisation by IAM. */
  grantInvoke(grantee: IGrantable): Grant {
    return Grant.addToPrincipal({
      grantee,
      actions: ['execute-api:Invoke'],
      resourceArns: [this.api.arnForExecuteApi('*', '/*', this.stage.stageName)],
    });
  }

  #restApi(props: ApiGatewayProps, apiKeySourceType: ApiKeySourceType): RestApi {
    const { domain, logRetention: retention = RetentionDays.THREE_MONTHS } = props;
    const logs = { retention, removalPolicy: props.removalPolicy ?? RemovalPolicy.RETAIN };
    const api = new RestApi(this, 'api', {
      // CloudWatch tells APIs apart by their names alone.
      restApiName: Names.uniqueResourceName(this, { separator: '-' }),
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
      apiKeySourceType,
      binaryMediaTypes: [...BINARY_MEDIA_TYPES],
      // A setting of the whole account and region: it outlives this stack, because other APIs log by it, too.
      cloudWatchRole: true,
      cloudWatchRoleRemovalPolicy: RemovalPolicy.RETAIN,
      deployOptions: {
        ...loggedStage(this, logs),
        ...(props.rateQps === undefined ? {} : { throttlingRateLimit: props.rateQps }),
        ...(props.burst === undefined ? {} : { throttlingBurstLimit: props.burst }),
      },
    });
    addExecutionLog(this, api, logs);
    acknowledge(
      api,
      managedPolicyFinding('service-role/AmazonAPIGatewayPushToCloudWatchLogs'),
      'the policy that AWS keeps for exactly this role; its log groups are named by the gateway',
    );
    return api;
  }

  #bodies(): Readonly<Record<ApiBody, Model>> {
    const model = (name: ApiBody) =>
      this.api.addModel(name, { contentType: 'application/json', schema: API_BODY_SCHEMAS[name] });
    return { instances: model('instances'), tensors: model('tensors') };
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
