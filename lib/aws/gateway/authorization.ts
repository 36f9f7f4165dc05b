import {
  AuthorizationType,
  CognitoUserPoolsAuthorizer,
  type Method,
  type MethodOptions,
} from 'aws-cdk-lib/aws-apigateway';
import type { IUserPool } from 'aws-cdk-lib/aws-cognito';
import type { Construct } from 'constructs';
import { JwtAuthorizer } from '../constructs/jwt-authorizer';
import { acknowledge } from '../findings';

/** How a caller shows that it may call at all; see docs/decisions/0017-tokens-at-the-gateway.md. */
export type ApiAuthorization =
  /** By the API key of a consumer alone. */
  | { readonly type: 'api-key' }
  /**
   * By a token of one of the user pools; with scopes an access token that has one of them, else an identity token.
   * Consumers need their key, too, by which their requests are counted.
   */
  | { readonly type: 'cognito'; readonly userPools: readonly IUserPool[]; readonly scopes?: readonly string[] }
  /** By a token of any issuer, which also says whose requests are counted: consumers need no key. */
  | JwtAuthorization
  /** By a signature of AWS. Consumers need their key, too, by which their requests are counted. */
  | { readonly type: 'iam' };

/** Tokens of an issuer that signs with a private key. */
export interface JwtAuthorization {
  readonly type: 'jwt';
  /** The claim `iss`. */
  readonly issuer: string;
  /** The claim `aud` is, or has, one of these. */
  readonly audience: readonly string[];
  /** Where the issuer's public keys are on the Internet, over HTTPS. */
  readonly jwksUrl: string;
  /**
   * Claim that names the consumer.
   * @default client_id (RFC 9068)
   */
  readonly clientClaim?: string;
}

/** What each method of a gateway asks of its callers. */
export function methodAuthorization(
  scope: Construct,
  authorization: ApiAuthorization,
  usageScope: string | undefined,
): MethodOptions {
  switch (authorization.type) {
    case 'api-key':
      return { authorizationType: AuthorizationType.NONE };
    case 'iam':
      return { authorizationType: AuthorizationType.IAM };
    case 'jwt': {
      const { authorizer } = new JwtAuthorizer(scope, 'jwt', {
        ...authorization,
        ...(usageScope === undefined ? {} : { usageScope }),
      });
      return { authorizationType: AuthorizationType.CUSTOM, authorizer };
    }
    case 'cognito':
      return {
        authorizationType: AuthorizationType.COGNITO,
        authorizer: new CognitoUserPoolsAuthorizer(scope, 'authorizer', {
          cognitoUserPools: [...authorization.userPools],
        }),
        ...(authorization.scopes && { authorizationScopes: [...authorization.scopes] }),
      };
  }
}

/** Why a method is not authorised by Cognito, or by nothing that the rules know. */
const REASONS: Readonly<Record<Exclude<ApiAuthorization['type'], 'cognito'>, string>> = {
  iam: 'callers sign their requests with credentials of AWS',
  jwt: 'callers have tokens of an issuer of their own, which a function checks',
  'api-key':
    "callers are known by their API key, which the usage plans ask for on every route, as the system's spec says",
};

/** Tells the rules so. */
export function acknowledgeAuthorization(method: Method, { type }: ApiAuthorization): void {
  if (type === 'cognito') return;
  acknowledge(method, 'AwsSolutions-COG4', REASONS[type]);
  if (type === 'api-key') acknowledge(method, 'AwsSolutions-APIG4', REASONS[type]);
}
