import { describe, expect, test } from '@jest/globals';
import type { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { ApplicationLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { ApiGateway } from '../../../../lib/aws/constructs/api-gateway';
import { Firewall, type FirewallProps } from '../../../../lib/aws/constructs/firewall';
import { ENV, existingVpc, nagFindings, testStack } from '../support';

const WEB_ACL = 'AWS::WAFv2::WebACL';

function make(props?: FirewallProps, region: string = ENV.region): { stack: Stack; firewall: Firewall } {
  const stack = testStack({ env: { ...ENV, region } });
  return { stack, firewall: new Firewall(stack, 'firewall', props) };
}

function synth(props?: FirewallProps): Template {
  return Template.fromStack(make(props).stack);
}

interface Rule {
  readonly Name: string;
  readonly Priority: number;
  readonly Statement: {
    readonly ManagedRuleGroupStatement?: { readonly RuleActionOverrides: { Name: string; ActionToUse: unknown }[] };
  };
}

function rulesOf(template: Template): readonly Rule[] {
  const [webAcl] = Object.values(template.findResources(WEB_ACL));
  return webAcl?.Properties.Rules ?? [];
}

test('two of them in one region are counted apart', () => {
  const stack = testStack();
  for (const id of ['shop', 'bank']) new Firewall(stack, id);
  const names = Object.values(Template.fromStack(stack).findResources(WEB_ACL)).map(
    ({ Properties }) => Properties.VisibilityConfig.MetricName,
  );
  expect(new Set(names).size).toBe(2);
});

describe('rules', () => {
  test('refuse what is aimed at any server, and let the rest pass', () => {
    // WHEN a firewall is made
    const template = synth();
    // THEN the groups of AWS that fit an API act as they are
    template.hasResourceProperties(WEB_ACL, { Scope: 'REGIONAL', DefaultAction: { Allow: {} } });
    for (const name of [
      'AWSManagedRulesAmazonIpReputationList',
      'AWSManagedRulesKnownBadInputsRuleSet',
      'AWSManagedRulesCommonRuleSet',
    ]) {
      template.hasResourceProperties(WEB_ACL, {
        Rules: Match.arrayWith([
          Match.objectLike({ Name: name, OverrideAction: { None: {} }, Action: Match.absent() }),
        ]),
      });
    }
  });

  test('let tensors, images and features with addresses pass, and clients that are no browsers', () => {
    // WHEN the overrides are read
    const rule = rulesOf(synth()).find(({ Name }) => Name === 'AWSManagedRulesCommonRuleSet');
    const counted = rule?.Statement.ManagedRuleGroupStatement?.RuleActionOverrides;
    // THEN everything that judges bodies by what a web form looks like only counts
    expect(counted).toEqual(
      [
        'SizeRestrictions_BODY',
        'CrossSiteScripting_BODY',
        'GenericLFI_BODY',
        'GenericRFI_BODY',
        'EC2MetaDataSSRF_BODY',
        'NoUserAgent_HEADER',
      ].map((Name) => ({ Name, ActionToUse: { Count: {} } })),
    );
  });

  test('each have a priority of their own, rates first', () => {
    expect(rulesOf(synth({ requestsPerMinutePerKey: 600 })).map(({ Name, Priority }) => `${Priority} ${Name}`)).toEqual(
      [
        '0 rate-by-address',
        '1 rate-by-api-key',
        '2 AWSManagedRulesAmazonIpReputationList',
        '3 AWSManagedRulesKnownBadInputsRuleSet',
        '4 AWSManagedRulesCommonRuleSet',
      ],
    );
  });
});

describe('rates', () => {
  test('by address: who sends more is told so as the service does', () => {
    synth({ requestsPerMinutePerAddress: 3000 }).hasResourceProperties(WEB_ACL, {
      Rules: Match.arrayWith([
        Match.objectLike({
          Statement: { RateBasedStatement: { AggregateKeyType: 'IP', Limit: 3000, EvaluationWindowSec: 60 } },
          Action: {
            Block: {
              CustomResponse: {
                ResponseCode: 429,
                CustomResponseBodyKey: 'too-often',
                ResponseHeaders: [{ Name: 'Retry-After', Value: '60' }],
              },
            },
          },
        }),
      ]),
      CustomResponseBodies: {
        'too-often': { ContentType: 'APPLICATION_JSON', Content: Match.stringLikeRegexp('^{"error":"too many') },
      },
    });
  });

  test('by key, where there are no usage plans', () => {
    synth({ requestsPerMinutePerKey: 600 }).hasResourceProperties(WEB_ACL, {
      Rules: Match.arrayWith([
        Match.objectLike({
          Statement: {
            RateBasedStatement: {
              AggregateKeyType: 'CUSTOM_KEYS',
              CustomKeys: [{ Header: { Name: 'x-api-key', TextTransformations: [{ Priority: 0, Type: 'NONE' }] } }],
              Limit: 600,
              EvaluationWindowSec: 60,
            },
          },
        }),
      ]),
    });
  });

  test.each(['requestsPerMinutePerAddress', 'requestsPerMinutePerKey'])(
    'that WAF does not take are refused: %s',
    (prop) => {
      expect(() => make({ [prop]: 9 })).toThrow(
        `Firewall.${prop}: found 9, expected a whole number from 10 to 2000000000`,
      );
    },
  );
});

describe('records', () => {
  test('go to a group under the name and the ARN that WAF takes', () => {
    // WHEN a firewall is made
    const template = synth();
    // THEN the name has the prefix, and the ARN no end of its own
    template.hasResourceProperties('AWS::Logs::LogGroup', {
      LogGroupName: Match.stringLikeRegexp('^aws-waf-logs-.'),
      RetentionInDays: 90,
    });
    template.hasResourceProperties('AWS::WAFv2::LoggingConfiguration', {
      LogDestinationConfigs: [
        {
          'Fn::Join': ['', ['arn:aws:logs:eu-west-1:123456789012:log-group:', { Ref: Match.stringLikeRegexp('log') }]],
        },
      ],
    });
  });

  test('hold neither keys nor tokens, and of what passed nothing', () => {
    synth().hasResourceProperties('AWS::WAFv2::LoggingConfiguration', {
      RedactedFields: [{ SingleHeader: { Name: 'authorization' } }, { SingleHeader: { Name: 'x-api-key' } }],
      LoggingFilter: Match.objectLike({ DefaultBehavior: 'DROP' }),
    });
  });
});

describe('where it stands', () => {
  test('in front of the stage of an API gateway, which then has no finding left', () => {
    // GIVEN a gateway
    const { stack, firewall } = make();
    const vpc = existingVpc(stack);
    const gateway = new ApiGateway(stack, 'gateway', {
      vpc,
      loadBalancer: ApplicationLoadBalancer.fromApplicationLoadBalancerAttributes(stack, 'alb', {
        loadBalancerArn: 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/internal/1',
        securityGroupId: 'sg-alb',
        loadBalancerDnsName: 'internal.elb.amazonaws.com',
        vpc,
      }),
      models: ['fraud'],
      consumers: [{ name: 'web', rateQps: 10, burst: 20 }],
    });
    // WHEN the firewall protects it
    firewall.protect('gateway', gateway.stage.stageArn);
    // THEN the two are tied together
    Template.fromStack(stack).hasResourceProperties('AWS::WAFv2::WebACLAssociation', {
      WebACLArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('webacl'), 'Arn'] },
      ResourceArn: { 'Fn::Join': ['', Match.arrayWith([Match.stringLikeRegexp('apigateway')])] },
    });
    expect(nagFindings(stack)).toEqual([]);
  });

  test('in front of CloudFront, from us-east-1', () => {
    Template.fromStack(make({ scope: 'cloudfront' }, 'us-east-1').stack).hasResourceProperties(WEB_ACL, {
      Scope: 'CLOUDFRONT',
    });
  });

  test('not in front of CloudFront from another region', () => {
    expect(() => make({ scope: 'cloudfront' })).toThrow(
      "Firewall.scope: found 'cloudfront in a stack in eu-west-1', expected a stack in us-east-1",
    );
  });

  test('not in front of a gateway with the scope of CloudFront', () => {
    const { firewall } = make({ scope: 'cloudfront' }, 'us-east-1');
    expect(() => firewall.protect('gateway', 'arn')).toThrow('a distribution takes its webAclArn instead');
  });
});
