import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { SETTINGS_VARIABLE, type TokenSettings } from './settings';
import { usageKey } from './usage-key';

/** What API Gateway asks of an authoriser of the kind TOKEN. */
export interface TokenQuestion {
  /** The header `authorization`. */
  readonly authorizationToken: string;
  /** `arn:…:API/STAGE/METHOD/PATH`. */
  readonly methodArn: string;
}

/** What it takes for an answer. */
export interface TokenAnswer {
  readonly principalId: string;
  readonly policyDocument: object;
  /** The API key whose rate and quota the request counts against. */
  readonly usageIdentifierKey?: string;
}

/** API Gateway answers 401 for an error with exactly this message, and 500 for any other. */
const UNAUTHORIZED = 'Unauthorized';

/** Signatures by a private key. Neither none, nor those by a shared secret, which a public key could be passed off as. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];

/** By how much the clocks of issuer and function may differ. */
const CLOCK_TOLERANCE_SECONDS = 30;

/** The gateway itself waits for 10 s at most, and callers for less. */
const KEYS_TIMEOUT_MS = 3000;
/** A key that an issuer takes back is refused after this at the latest. */
const KEYS_MAX_AGE_MS = 600_000;
/** Tokens with invented key ids cannot make it ask the issuer more often. */
const KEYS_COOLDOWN_MS = 30_000;

const settings = readSettings(process.env[SETTINGS_VARIABLE]);
// Kept from one request to the next.
const keys = createRemoteJWKSet(new URL(settings.jwksUrl), {
  timeoutDuration: KEYS_TIMEOUT_MS,
  cacheMaxAge: KEYS_MAX_AGE_MS,
  cooldownDuration: KEYS_COOLDOWN_MS,
});

/**
 * Lets a caller in whose token is signed by the issuer, for this audience and not over.
 * @throws Error('Unauthorized') for any other token; another error where the issuer's keys cannot be had
 */
export async function handler({ authorizationToken, methodArn }: TokenQuestion): Promise<TokenAnswer> {
  const token = /^Bearer +(\S+)$/i.exec(authorizationToken)?.[1];
  if (token === undefined) throw new Error(UNAUTHORIZED);
  return answer(await verify(token, keys), methodArn);
}

function readSettings(text: string | undefined): TokenSettings {
  if (text === undefined) throw new Error(`${SETTINGS_VARIABLE} is not set`);
  return JSON.parse(text);
}

async function verify(token: string, key: JWTVerifyGetKey): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: ALGORITHMS,
      issuer: settings.issuer,
      audience: [...settings.audience],
      requiredClaims: ['exp'],
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
    });
    return payload;
  } catch (error) {
    if (!isOfToken(error)) throw error;
    throw refusal(error.code, error.message);
  }
}

/** Codes of errors that are not the token's: no answer of the issuer, or one that is no set of keys. */
const OF_ISSUER: readonly string[] = [
  errors.JOSEError.code,
  errors.JWKSTimeout.code,
  errors.JWKSInvalid.code,
  errors.JWKInvalid.code,
];

function isOfToken(error: unknown): error is errors.JOSEError {
  return error instanceof errors.JOSEError && !OF_ISSUER.includes(error.code);
}

function answer(claims: JWTPayload, methodArn: string): TokenAnswer {
  const [api, stage] = methodArn.split('/');
  return {
    principalId: claims.sub ?? 'unknown',
    policyDocument: {
      Version: '2012-10-17',
      // All routes, because the gateway keeps the answer for a token, whatever it asks next.
      Statement: [{ Action: 'execute-api:Invoke', Effect: 'Allow', Resource: `${api}/${stage}/*` }],
    },
    ...(settings.usage && {
      usageIdentifierKey: usageKey(settings.usage.scope, clientOf(claims, settings.usage.claim)),
    }),
  };
}

/** The gateway refuses keys that no consumer has, so a client that is not known here is not let in there. */
function clientOf(claims: JWTPayload, claim: string): string {
  const client = claims[claim];
  if (typeof client === 'string') return client;
  throw refusal('ERR_NO_CLIENT', `the claim ${claim} names no client`);
}

/** For whoever runs it, the log says why; the caller hears no reason, and the token itself is kept nowhere. */
function refusal(code: string, reason: string): Error {
  console.warn(JSON.stringify({ refused: code, reason }));
  return new Error(UNAUTHORIZED);
}
