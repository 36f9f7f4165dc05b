import { ResponseType, type RestApi } from 'aws-cdk-lib/aws-apigateway';
import type { ApiAuthorization } from './authorization';

/** An answer that a gateway gives itself, without asking the service. */
interface GatewayError {
  readonly name: string;
  readonly type: ResponseType;
  readonly statusCode: number;
  readonly sentence: string;
  /** For callers that come too often. */
  readonly retryAfterSeconds?: number;
}

/** A throttled caller's next token is there in less; the header counts whole seconds. */
const THROTTLED_RETRY_SECONDS = 1;
/** The quota is renewed with the day; asking every hour finds that out soon enough. */
const QUOTA_RETRY_SECONDS = 3600;

const UNCHECKED_TOKEN: GatewayError = {
  name: 'authorizer-failure',
  type: ResponseType.AUTHORIZER_FAILURE,
  statusCode: 503,
  sentence: 'the token cannot be checked now: the keys of its issuer are out of reach',
  retryAfterSeconds: THROTTLED_RETRY_SECONDS,
};

/** Gives a gateway the words for all that it answers itself; the two last ones catch what has no sentence here. */
export function addGatewayErrors(api: RestApi, authorization: ApiAuthorization['type']): void {
  for (const { name, type, statusCode, sentence, retryAfterSeconds } of gatewayErrors(authorization)) {
    api.addGatewayResponse(name, {
      type,
      statusCode: String(statusCode),
      templates: { 'application/json': JSON.stringify({ error: sentence }) },
      ...(retryAfterSeconds && { responseHeaders: { 'Retry-After': `'${retryAfterSeconds}'` } }),
    });
  }
  for (const [name, type] of Object.entries({
    'other-4xx': ResponseType.DEFAULT_4XX,
    'other-5xx': ResponseType.DEFAULT_5XX,
  })) {
    // The gateway's own sentence, which comes with its quotes.
    api.addGatewayResponse(name, {
      type,
      templates: { 'application/json': '{"error":$context.error.messageString}' },
    });
  }
}

/** Only with a signature of AWS may it be that which is missing; else a request "without token" has an unknown path. */
function gatewayErrors(authorization: ApiAuthorization['type']): GatewayError[] {
  return [
    {
      name: 'throttled',
      type: ResponseType.THROTTLED,
      statusCode: 429,
      sentence: 'too many requests: the rate of this consumer or of the whole gateway is used up',
      retryAfterSeconds: THROTTLED_RETRY_SECONDS,
    },
    {
      name: 'quota-exceeded',
      type: ResponseType.QUOTA_EXCEEDED,
      statusCode: 429,
      sentence: "too many requests: this consumer's quota is used up",
      retryAfterSeconds: QUOTA_RETRY_SECONDS,
    },
    {
      name: 'invalid-api-key',
      type: ResponseType.INVALID_API_KEY,
      statusCode: 403,
      sentence:
        authorization === 'jwt'
          ? 'the token is valid, but its client is no consumer of this API'
          : 'the header x-api-key is missing or holds no key that is allowed here',
    },
    {
      name: 'unauthorized',
      type: ResponseType.UNAUTHORIZED,
      statusCode: 401,
      sentence: 'the header authorization is missing or holds no valid token',
    },
    {
      name: 'access-denied',
      type: ResponseType.ACCESS_DENIED,
      statusCode: 403,
      sentence: 'whoever asks is known, but may not do this',
    },
    authorization === 'iam'
      ? {
          name: 'missing-token',
          type: ResponseType.MISSING_AUTHENTICATION_TOKEN,
          statusCode: 403,
          sentence: 'there is no such route, or the request is not signed',
        }
      : {
          name: 'missing-token',
          type: ResponseType.MISSING_AUTHENTICATION_TOKEN,
          statusCode: 404,
          sentence: 'there is no such route',
        },
    ...(authorization === 'jwt' ? [UNCHECKED_TOKEN] : []),
    {
      name: 'bad-body',
      type: ResponseType.BAD_REQUEST_BODY,
      statusCode: 400,
      sentence: "the body must be a JSON object with the list 'instances', or 'inputs' for tensors",
    },
    {
      name: 'too-large',
      type: ResponseType.REQUEST_TOO_LARGE,
      statusCode: 413,
      sentence: 'the body is larger than the 10 MB that the gateway takes',
    },
    {
      name: 'integration-timeout',
      type: ResponseType.INTEGRATION_TIMEOUT,
      statusCode: 504,
      sentence: 'the service did not answer in time',
    },
    {
      name: 'integration-failure',
      type: ResponseType.INTEGRATION_FAILURE,
      statusCode: 502,
      sentence: 'the service cannot be reached',
    },
    {
      name: 'filtered',
      type: ResponseType.WAF_FILTERED,
      statusCode: 403,
      sentence: 'the firewall refused the request',
    },
  ];
}
