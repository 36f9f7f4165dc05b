import { Duration, RemovalPolicy, Size } from 'aws-cdk-lib';
import { type IAuthorizer, TokenAuthorizer } from 'aws-cdk-lib/aws-apigateway';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { bundledCode } from '../bundled-code';
import { checkWholeNumber } from '../check-props';
import { PropsError } from '../errors';
import { SETTINGS_VARIABLE, type TokenSettings } from '../token-authorizer/settings';

export interface JwtAuthorizerProps {
  /** The claim `iss`, an https URL. */
  readonly issuer: string;

  /** The claim `aud` is, or has, one of these. */
  readonly audience: readonly string[];

  /** Where the issuer's public keys are on the Internet, over HTTPS. */
  readonly jwksUrl: string;

  /**
   * What API keys are made of, with which the gateway counts what each client sends (apiKeySourceType AUTHORIZER); see
   * lib/aws/token-authorizer/usage-key.ts.
   * @default none: it is not counted by client
   */
  readonly usageScope?: string;

  /**
   * Claim that names the client.
   * @default client_id (RFC 9068)
   */
  readonly clientClaim?: string;

  /**
   * Seconds for which the gateway takes a token that was checked without asking again, 0 to 3600: for as long it may
   * be used after its end.
   * @default 60
   */
  readonly keptSeconds?: number;
}

const MAX_KEPT_SECONDS = 3600;

/** What a token looks like; the gateway refuses all else itself, without asking the function. */
const TOKEN = '^[Bb]earer +[-_A-Za-z0-9]+\\.[-_A-Za-z0-9]+\\.[-_A-Za-z0-9]+$';

/** Memory is what a function gets CPU by: with less, a signature takes longer than a prediction. */
const MEMORY = Size.mebibytes(512);

/**
 * Checks the tokens of callers of a REST API that are signed by an issuer other than Cognito: signature, issuer,
 * audience and times, by a small function outside the VPC, with the library jose. Synthesizing it needs the packages
 * `esbuild` and `jose`.
 */
export class JwtAuthorizer extends Construct {
  readonly authorizer: IAuthorizer;

  /** @throws PropsError for URLs over which keys could be forged, no audience, or seconds that the gateway refuses */
  constructor(scope: Construct, id: string, props: JwtAuthorizerProps) {
    super(scope, id);
    const { issuer, audience, jwksUrl, usageScope, clientClaim: claim = 'client_id', keptSeconds = 60 } = props;
    checkProps(props, keptSeconds);
    const settings: TokenSettings = {
      issuer,
      audience,
      jwksUrl,
      ...(usageScope !== undefined && { usage: { claim, scope: usageScope } }),
    };
    this.authorizer = new TokenAuthorizer(this, 'authorizer', {
      handler: this.#handler(settings),
      validationRegex: TOKEN,
      resultsCacheTtl: Duration.seconds(keptSeconds),
    });
  }

  #handler(settings: TokenSettings): LambdaFunction {
    const logGroup = new LogGroup(this, 'log', {
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    // Instead of the one that CDK makes, which may write to every log of the account.
    const role = new Role(this, 'role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: 'Checks tokens: writes its own log, and nothing else',
    });
    logGroup.grantWrite(role);
    return new LambdaFunction(this, 'function', {
      description: 'Checks the tokens of callers',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: 'index.handler',
      code: bundledCode('lib/aws/token-authorizer/handler.ts'),
      environment: { [SETTINGS_VARIABLE]: JSON.stringify(settings) },
      memorySize: MEMORY.toMebibytes(),
      timeout: Duration.seconds(5),
      logGroup,
      role,
    });
  }
}

function checkProps({ issuer, audience, jwksUrl }: JwtAuthorizerProps, keptSeconds: number): void {
  for (const [prop, url] of Object.entries({ issuer, jwksUrl })) {
    if (!url.startsWith('https://')) throw new PropsError(`JwtAuthorizer.${prop}`, url, 'an https URL');
  }
  if (audience.length === 0) {
    const allowed = 'at least one: the issuer may sign tokens for others, too';
    throw new PropsError('JwtAuthorizer.audience', 'an empty list', allowed);
  }
  checkWholeNumber('JwtAuthorizer.keptSeconds', keptSeconds, 0, MAX_KEPT_SECONDS);
}
