import { describe, expect, test } from '@jest/globals';
import type { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { UserPool } from 'aws-cdk-lib/aws-cognito';
import { ApplicationLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Role } from 'aws-cdk-lib/aws-iam';
import { ApiGateway, type ApiGatewayProps } from '../../../../lib/aws/constructs/api-gateway';
import type { TokenSettings } from '../../../../lib/aws/token-authorizer/settings';
import { usageKey } from '../../../../lib/aws/token-authorizer/usage-key';
import { existingVpc, nagFindings, testStack } from '../support';

const ALB_ARN = 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/internal/1';
const WEB = { name: 'web', rateQps: 500, burst: 1000 };
const MOBILE = { name: 'mobile', rateQps: 200, burst: 400, quotaPerDay: 5_000_000 };

type Props = Partial<ApiGatewayProps> | ((stack: Stack) => Partial<ApiGatewayProps>);

function make(props: Props = {}, stackName = 'test'): { stack: Stack; gateway: ApiGateway } {
  const stack = testStack({ stackName });
  const vpc = existingVpc(stack);
  const loadBalancer = ApplicationLoadBalancer.fromApplicationLoadBalancerAttributes(stack, 'alb', {
    loadBalancerArn: ALB_ARN,
    securityGroupId: 'sg-alb',
    loadBalancerDnsName: 'internal.elb.amazonaws.com',
    vpc,
  });
  const gateway = new ApiGateway(stack, 'gateway', {
    vpc,
    loadBalancer,
    models: ['fraud', 'images'],
    consumers: [WEB, MOBILE],
    ...(typeof props === 'function' ? props(stack) : props),
  });
  return { stack, gateway };
}

function synth(props?: Props, stackName?: string): Template {
  return Template.fromStack(make(props, stackName).stack);
}

interface MethodProperties {
  readonly HttpMethod: string;
  readonly ApiKeyRequired?: boolean;
  readonly AuthorizationType: string;
  readonly Integration: Record<string, unknown>;
}

function methodsOf(template: Template): MethodProperties[] {
  const methods = Object.values(template.findResources('AWS::ApiGateway::Method')).map(({ Properties }) => Properties);
  // What is said of each must not be true because there is none.
  if (methods.length === 0) throw new Error('the gateway has no method');
  return methods;
}

test('its name is its own: CloudWatch tells APIs of a region apart by it', () => {
  const named = (stackName: string) =>
    Object.values(synth({}, stackName).findResources('AWS::ApiGateway::RestApi')).map(
      ({ Properties }) => Properties.Name,
    );
  expect(named('shop-edge')).not.toEqual(named('bank-edge'));
});

describe('routes', () => {
  test('are those of predictions and models, and no others', () => {
    // WHEN the addresses are collected that requests go to
    const routes = methodsOf(synth()).map(({ HttpMethod, Integration }) => `${HttpMethod} ${Integration.Uri}`);
    // THEN nothing of administration and no catch-all is among them
    const host = 'http://internal.elb.amazonaws.com';
    expect(routes.map((route) => route.replace(host, '')).sort()).toEqual([
      'GET /v1/models/{model}/entities/{entity}',
      'GET /v1/models/{model}/versions/{version}/entities/{entity}',
      'GET /v2',
      'GET /v2/health/ready',
      'GET /v2/models/{model}',
      'GET /v2/models/{model}/ready',
      'GET /v2/models/{model}/versions/{version}',
      'GET /v2/models/{model}/versions/{version}/ready',
      'POST /v1/models/fraud:predict',
      'POST /v1/models/images:predict',
      'POST /v1/models/{model}/versions/{version}',
      'POST /v2/models/{model}/infer',
      'POST /v2/models/{model}/versions/{version}/infer',
    ]);
  });

  test('reach the load balancer through the VPC link', () => {
    for (const { Integration } of methodsOf(synth())) {
      expect(Integration).toMatchObject({
        Type: 'HTTP_PROXY',
        ConnectionType: 'VPC_LINK',
        ConnectionId: { Ref: expect.stringContaining('vpclink') },
        IntegrationTarget: ALB_ARN,
      });
    }
  });

  test('hand on each variable part of the path', () => {
    synth().hasResourceProperties('AWS::ApiGateway::Method', {
      HttpMethod: 'GET',
      RequestParameters: { 'method.request.path.model': true, 'method.request.path.entity': true },
      Integration: {
        Uri: Match.stringLikeRegexp('/v1/models/{model}/entities/{entity}$'),
        RequestParameters: {
          'integration.request.path.model': 'method.request.path.model',
          'integration.request.path.entity': 'method.request.path.entity',
        },
      },
    });
  });

  test('ask the load balancer over TLS by the name in its certificate', () => {
    for (const { Integration } of methodsOf(synth({ loadBalancerTlsName: 'predict.example.com' }))) {
      expect(Integration.Uri).toMatch(/^https:\/\/predict\.example\.com\/v/);
    }
  });

  test('give up after the time that was set', () => {
    for (const { Integration } of methodsOf(synth({ timeoutMs: 750 }))) {
      expect(Integration.TimeoutInMillis).toBe(750);
    }
  });

  test('leave bytes as they are', () => {
    const template = synth();
    template.hasResourceProperties('AWS::ApiGateway::RestApi', {
      BinaryMediaTypes: ['application/octet-stream', 'image/jpeg', 'image/png'],
    });
    for (const { Integration } of methodsOf(template)) expect(Integration.ResponseTransferMode).toBe('STREAM');
  });
});

describe('the link into the VPC', () => {
  test('has a security group that reaches the load balancer and nothing else', () => {
    // WHEN a gateway is made
    const template = synth();
    // THEN the link has the one group, which may go to the load balancer's port
    template.hasResourceProperties('AWS::ApiGatewayV2::VpcLink', {
      SecurityGroupIds: [{ 'Fn::GetAtt': [Match.stringLikeRegexp('vpclinksecuritygroup'), 'GroupId'] }],
      SubnetIds: ['private-1', 'private-2', 'private-3'],
    });
    template.hasResourceProperties('AWS::EC2::SecurityGroupEgress', {
      DestinationSecurityGroupId: 'sg-alb',
      FromPort: 80,
      ToPort: 80,
    });
    template.resourceCountIs('AWS::EC2::SecurityGroupEgress', 1);
  });

  test('is admitted by the load balancer', () => {
    synth({ loadBalancerTlsName: 'predict.example.com' }).hasResourceProperties('AWS::EC2::SecurityGroupIngress', {
      GroupId: 'sg-alb',
      FromPort: 443,
      ToPort: 443,
    });
  });
});

describe('consumers', () => {
  test('each have a key and a plan with their rate, burst and quota', () => {
    // WHEN there are two
    const template = synth();
    // THEN there are two keys, and each plan says what the consumer may send on the one stage
    template.resourceCountIs('AWS::ApiGateway::ApiKey', 2);
    template.resourceCountIs('AWS::ApiGateway::UsagePlanKey', 2);
    template.hasResourceProperties('AWS::ApiGateway::UsagePlan', {
      Throttle: { RateLimit: 500, BurstLimit: 1000 },
      Quota: Match.absent(),
      ApiStages: [{ ApiId: Match.anyValue(), Stage: Match.anyValue() }],
    });
    template.hasResourceProperties('AWS::ApiGateway::UsagePlan', {
      Throttle: { RateLimit: 200, BurstLimit: 400 },
      Quota: { Limit: 5_000_000, Period: 'DAY' },
    });
  });

  test('have keys that stand in no template', () => {
    synth().allResourcesProperties('AWS::ApiGateway::ApiKey', { Value: Match.absent(), Enabled: true });
  });

  test('need their key on every route', () => {
    for (const method of methodsOf(synth())) expect(method.ApiKeyRequired).toBe(true);
  });

  test('can be left out only where callers are known otherwise', () => {
    expect(() => make({ consumers: [] })).toThrow(
      "ApiGateway.consumers: found 'none', expected at least one where callers are known by their key",
    );
  });
});

describe('authorisation', () => {
  test('by IAM asks for a signature on every route', () => {
    for (const method of methodsOf(synth({ authorization: { type: 'iam' }, consumers: [] }))) {
      expect(method).toMatchObject({ AuthorizationType: 'AWS_IAM', ApiKeyRequired: false });
    }
  });

  test('by IAM is granted for this API and stage', () => {
    // GIVEN a role and a gateway
    const { stack, gateway } = make({ authorization: { type: 'iam' } });
    const role = Role.fromRoleArn(stack, 'caller', 'arn:aws:iam::123456789012:role/caller');
    // WHEN it is let in
    gateway.grantInvoke(role);
    // THEN its policy names the stage
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: [
          Match.objectLike({
            Action: 'execute-api:Invoke',
            Resource: {
              'Fn::Join': [
                '',
                Match.arrayWith([Match.stringLikeRegexp('^arn:.*execute-api'), { Ref: Match.anyValue() }]),
              ],
            },
          }),
        ],
      },
    });
  });

  test('by Cognito asks for a token with one of the scopes', () => {
    // WHEN a gateway takes the tokens of a user pool
    const template = synth((stack) => ({
      authorization: {
        type: 'cognito',
        userPools: [UserPool.fromUserPoolId(stack, 'pool', 'eu-west-1_abc')],
        scopes: ['predict/read'],
      },
    }));
    // THEN every route asks for one
    for (const method of methodsOf(template)) {
      expect(method).toMatchObject({
        AuthorizationType: 'COGNITO_USER_POOLS',
        AuthorizationScopes: ['predict/read'],
        ApiKeyRequired: true,
      });
    }
  });
});

describe('authorisation by JWT', () => {
  const JWT = {
    type: 'jwt',
    issuer: 'https://login.example.com/',
    audience: ['headroom'],
    jwksUrl: 'https://login.example.com/jwks.json',
  } as const;

  // A consumer's tokens may call it something else.
  const { stack } = make({ authorization: JWT, consumers: [WEB, { ...MOBILE, clientId: '0oa1' }] });
  const findings = nagFindings(stack);
  const template = Template.fromStack(stack);

  test('asks a function on every route, which keeps what it found for a minute', () => {
    // THEN all routes ask the same authoriser, and it is asked only for what looks like a token
    const [authorizer] = Object.keys(template.findResources('AWS::ApiGateway::Authorizer'));
    for (const method of methodsOf(template)) {
      expect(method).toMatchObject({ AuthorizationType: 'CUSTOM', AuthorizerId: { Ref: authorizer } });
    }
    template.hasResourceProperties('AWS::ApiGateway::Authorizer', {
      Type: 'TOKEN',
      AuthorizerResultTtlInSeconds: 60,
      IdentitySource: 'method.request.header.Authorization',
      IdentityValidationExpression: Match.stringLikeRegexp('earer'),
    });
  });

  test('counts requests by what the token says: no caller gives a key', () => {
    // THEN keys come from the function
    template.hasResourceProperties('AWS::ApiGateway::RestApi', { ApiKeySourceType: 'AUTHORIZER' });
    for (const method of methodsOf(template)) expect(method.ApiKeyRequired).toBe(true);
    // AND the function makes the same ones as the plans have
    const variables = Object.values(template.findResources('AWS::Lambda::Function')).flatMap(
      ({ Properties }) => Properties.Environment?.Variables.TOKEN_SETTINGS ?? [],
    );
    const settings: TokenSettings = JSON.parse(variables.join());
    const values = Object.values(template.findResources('AWS::ApiGateway::ApiKey')).map((key) => key.Properties.Value);
    expect(settings.usage?.claim).toBe('client_id');
    expect(values).toEqual(['web', '0oa1'].map((client) => usageKey(settings.usage?.scope ?? '', client)));
  });

  test('makes other keys than those that callers have: a known one is never let in later', () => {
    const keyIds = (template: Template) => Object.keys(template.findResources('AWS::ApiGateway::ApiKey'));
    const withKeys = keyIds(synth());
    expect(keyIds(template).filter((id) => withKeys.includes(id))).toEqual([]);
  });

  test('without consumers lets in whoever has a token', () => {
    const open = synth({ authorization: JWT, consumers: [] });
    for (const method of methodsOf(open)) expect(method.ApiKeyRequired).toBe(false);
    open.hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: { TOKEN_SETTINGS: Match.not(Match.stringLikeRegexp('usage')) } },
    });
  });

  test('has a function that may do nothing but write its log', () => {
    const policies = Object.entries(template.findResources('AWS::IAM::Policy')).filter(([id]) => id.includes('jwt'));
    expect(policies.map(([, { Properties }]) => Properties.PolicyDocument.Statement)).toEqual([
      [expect.objectContaining({ Action: ['logs:CreateLogStream', 'logs:PutLogEvents'] })],
    ]);
    expect(JSON.stringify(policies)).not.toContain('"*"');
  });

  test.each([
    [
      { issuer: 'http://login.example.com' },
      "JwtAuthorizer.issuer: found 'http://login.example.com', expected an https",
    ],
    [{ jwksUrl: 'http://login.example.com' }, 'JwtAuthorizer.jwksUrl: found'],
    [{ audience: [] }, "JwtAuthorizer.audience: found 'an empty list', expected at least one"],
  ])('refuses %j', (wrong, message) => {
    expect(() => make({ authorization: { ...JWT, ...wrong } })).toThrow(message);
  });

  test('says why a request was refused: no token, no consumer, or no keys of the issuer', () => {
    for (const [ResponseType, StatusCode] of [
      ['UNAUTHORIZED', '401'],
      ['INVALID_API_KEY', '403'],
      ['AUTHORIZER_FAILURE', '503'],
    ]) {
      template.hasResourceProperties('AWS::ApiGateway::GatewayResponse', { ResponseType, StatusCode });
    }
    expect(JSON.stringify(template.toJSON())).not.toContain('x-api-key is missing');
  });

  test('passes no rule by but the one that asks for a firewall', () => {
    expect(findings).toEqual([expect.stringMatching(/^AwsSolutions-APIG3: .*DeploymentStage/)]);
  });
});

describe('bodies', () => {
  test('are checked by the schema of their protocol before they reach the service', () => {
    // WHEN a gateway is made
    const template = synth();
    // THEN predictions need instances, and tensors inputs
    template.hasResourceProperties('AWS::ApiGateway::RequestValidator', { ValidateRequestBody: true });
    for (const [path, name, field] of [
      ['/v1/models/fraud:predict$', 'instances', 'instances'],
      ['/infer$', 'tensors', 'inputs'],
    ] as const) {
      template.hasResourceProperties('AWS::ApiGateway::Method', {
        Integration: { Uri: Match.stringLikeRegexp(path) },
        RequestModels: { 'application/json': { Ref: Match.stringLikeRegexp(name) } },
        RequestValidatorId: { Ref: Match.stringLikeRegexp('validator') },
      });
      template.hasResourceProperties('AWS::ApiGateway::Model', {
        Schema: { type: 'object', required: [field], properties: { [field]: { type: 'array' } } },
      });
    }
  });
});

describe('errors', () => {
  /** The bodies of all answers that the gateway gives itself, with its variables filled in. */
  function bodiesOf(template: Template): string[] {
    return Object.values(template.findResources('AWS::ApiGateway::GatewayResponse')).map(({ Properties }) =>
      Properties.ResponseTemplates['application/json'].replace('$context.error.messageString', '"Forbidden"'),
    );
  }

  test('have the form of those of the service', () => {
    const bodies = bodiesOf(synth());
    expect(bodies).not.toEqual([]);
    for (const body of bodies) expect(JSON.parse(body)).toEqual({ error: expect.stringMatching(/./) });
  });

  test.each(['THROTTLED', 'QUOTA_EXCEEDED'])('of the type %s say when to come back', (ResponseType) => {
    synth().hasResourceProperties('AWS::ApiGateway::GatewayResponse', {
      ResponseType,
      StatusCode: '429',
      ResponseParameters: { 'gatewayresponse.header.Retry-After': Match.stringLikeRegexp("^'[1-9][0-9]*'$") },
    });
  });

  test('of no sentence of their own are caught', () => {
    const template = synth();
    for (const ResponseType of ['DEFAULT_4XX', 'DEFAULT_5XX']) {
      template.hasResourceProperties('AWS::ApiGateway::GatewayResponse', { ResponseType });
    }
  });

  test('for unknown routes are 404, where that is not taken for a missing signature', () => {
    const missing = { ResponseType: 'MISSING_AUTHENTICATION_TOKEN' };
    synth().hasResourceProperties('AWS::ApiGateway::GatewayResponse', { ...missing, StatusCode: '404' });
    synth({ authorization: { type: 'iam' } }).hasResourceProperties('AWS::ApiGateway::GatewayResponse', {
      ...missing,
      StatusCode: '403',
    });
  });
});

describe('logs', () => {
  test('tell of each request as JSON, without its key', () => {
    // WHEN the format of the access log is read
    const [stage] = Object.values(synth().findResources('AWS::ApiGateway::Stage'));
    const format = JSON.parse(stage?.Properties.AccessLogSetting.Format);
    // THEN it tells who, what and how long, but no secret
    expect(format).toMatchObject({
      consumer: '$context.identity.apiKeyId',
      route: '$context.resourcePath',
      status: '$context.status',
      latencyMs: '$context.responseLatency',
      integrationLatencyMs: '$context.integration.latency',
    });
    expect(Object.values(format)).not.toContain('$context.identity.apiKey');
  });

  test('are written by a role of the account that outlives the stack, and exists before the stage', () => {
    // WHEN a gateway is made
    const template = synth();
    // THEN the account's setting and role are kept, and the stage waits for them
    const [accountId] = Object.keys(template.findResources('AWS::ApiGateway::Account', { DeletionPolicy: 'Retain' }));
    template.hasResource('AWS::IAM::Role', { DeletionPolicy: 'Retain' });
    template.hasResource('AWS::ApiGateway::Stage', { DependsOn: Match.arrayWith([accountId]) });
  });

  test('of failures do not stay for ever: their group is there before the gateway would make it', () => {
    // WHEN a gateway is made
    const template = synth();
    // THEN the group of the stage has an end, and the stage waits for it
    const [groupId] = Object.keys(
      template.findResources('AWS::Logs::LogGroup', {
        Properties: {
          LogGroupName: { 'Fn::Join': ['', ['API-Gateway-Execution-Logs_', { Ref: Match.anyValue() }, '/live']] },
          RetentionInDays: 90,
        },
      }),
    );
    template.hasResource('AWS::ApiGateway::Stage', { DependsOn: Match.arrayWith([groupId]) });
  });

  test('never hold bodies', () => {
    synth().hasResourceProperties('AWS::ApiGateway::Stage', {
      MethodSettings: [Match.objectLike({ DataTraceEnabled: false, LoggingLevel: 'ERROR', MetricsEnabled: true })],
    });
  });
});

test('all callers together are held to what was set', () => {
  synth({ rateQps: 2000, burst: 4000 }).hasResourceProperties('AWS::ApiGateway::Stage', {
    MethodSettings: [Match.objectLike({ HttpMethod: '*', ThrottlingRateLimit: 2000, ThrottlingBurstLimit: 4000 })],
  });
});

test('an own domain closes the address that AWS gives', () => {
  // WHEN a gateway has a name of its own
  const template = synth((stack) => ({
    domain: {
      name: 'predict.example.com',
      certificate: Certificate.fromCertificateArn(
        stack,
        'certificate',
        'arn:aws:acm:eu-west-1:123456789012:certificate/1',
      ),
    },
  }));
  // THEN it is reached by that name in its region, and no other way
  template.hasResourceProperties('AWS::ApiGateway::DomainName', {
    DomainName: 'predict.example.com',
    RegionalCertificateArn: Match.anyValue(),
    SecurityPolicy: 'TLS_1_2',
  });
  template.hasResourceProperties('AWS::ApiGateway::RestApi', { DisableExecuteApiEndpoint: true });
});

test.each([
  [{ models: [] }, "ApiGateway.models: found 'an empty list', expected at least one model"],
  [{ timeoutMs: 30_000 }, 'ApiGateway.timeoutMs: found 30000, expected a whole number from 50 to 29000'],
  [{ timeoutMs: 49 }, 'ApiGateway.timeoutMs: found 49, expected a whole number from 50 to 29000'],
])('%j is refused', (props, message) => {
  expect(() => make(props)).toThrow(message);
});

test.each<[string, Partial<ApiGatewayProps>]>([
  ['API keys', {}],
  ['IAM', { authorization: { type: 'iam' }, consumers: [] }],
])('no rule objects to a gateway by %s but the one that asks for a firewall', (_, props) => {
  expect(nagFindings(make(props).stack)).toEqual([expect.stringMatching(/^AwsSolutions-APIG3: .*DeploymentStage/)]);
});
