import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { bundleFunction } from '../../../../lib/aws/bundled-code';
import type { TokenAnswer, TokenQuestion } from '../../../../lib/aws/token-authorizer/handler';
import { SETTINGS_VARIABLE, type TokenSettings } from '../../../../lib/aws/token-authorizer/settings';
import { usageKey } from '../../../../lib/aws/token-authorizer/usage-key';

type Handler = (question: TokenQuestion) => Promise<TokenAnswer>;

const ISSUER = 'https://login.example.com/';
const METHOD_ARN = 'arn:aws:execute-api:eu-west-1:123456789012:api1/live/POST/v1/models/fraud:predict';
const NOW = Math.floor(Date.now() / 1000);
const CLAIMS = { iss: ISSUER, aud: 'headroom', sub: 'alice', client_id: 'app-1', iat: NOW, exp: NOW + 3600 };

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 });
const JWKS = { keys: [jwk(rsa.publicKey, 'rsa-1', 'RS256'), jwk(ec.publicKey, 'ec-1', 'ES256')] };

function jwk(key: KeyObject, kid: string, alg: string): object {
  return { ...key.export({ format: 'jwk' }), kid, alg, use: 'sig' };
}

const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');

/** A token put together by hand, so that the library that checks it has no part in it. */
function token(claims: object, header: object, signature: (text: Buffer) => Buffer): string {
  const text = `${encode(header)}.${encode(claims)}`;
  return `${text}.${signature(Buffer.from(text)).toString('base64url')}`;
}

const byRsa = (claims: object, key = rsa.privateKey, kid = 'rsa-1') =>
  token(claims, { alg: 'RS256', kid }, (text) => sign('sha256', text, key));

let folder: string;
let issuer: Server;
let jwksUrl: string;
let asked = 0;
let answerOfIssuer: { status: number; body: string };
const warn = jest.spyOn(console, 'warn');

beforeAll(async () => {
  // What is deployed: the bundle.
  folder = mkdtempSync(join(tmpdir(), 'headroom-authorizer-'));
  bundleFunction('lib/aws/token-authorizer/handler.ts', folder);
  issuer = createServer((_, response) => {
    asked++;
    response.writeHead(answerOfIssuer.status, { 'content-type': 'application/json' }).end(answerOfIssuer.body);
  });
  await new Promise<void>((resolve) => issuer.listen(0, '127.0.0.1', resolve));
  const address = issuer.address();
  jwksUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/jwks.json`;
});

afterAll(async () => {
  issuer.closeAllConnections();
  await new Promise((resolve) => issuer.close(resolve));
  rmSync(folder, { recursive: true });
});

beforeEach(() => {
  asked = 0;
  answerOfIssuer = { status: 200, body: JSON.stringify(JWKS) };
  warn.mockReset();
});

afterEach(() => {
  delete process.env[SETTINGS_VARIABLE];
});

/** The function as it starts: a fresh module with its settings in the environment. */
function start(settings: Partial<TokenSettings> = {}): (authorizationToken: string) => Promise<TokenAnswer> {
  process.env[SETTINGS_VARIABLE] = JSON.stringify({ issuer: ISSUER, audience: ['headroom'], jwksUrl, ...settings });
  let handler: Handler | undefined;
  jest.isolateModules(() => {
    const loaded: { handler: Handler } = require(join(folder, 'index.js'));
    handler = loaded.handler;
  });
  return async (authorizationToken) => {
    if (handler === undefined) throw new Error('the bundle has no handler');
    return handler({ authorizationToken, methodArn: METHOD_ARN });
  };
}

describe('a token of the issuer', () => {
  test('lets its bearer call every route of the stage', async () => {
    // WHEN one that is signed, for this audience and not over is shown
    const answer = await start()(`Bearer ${byRsa(CLAIMS)}`);
    // THEN its subject may call
    expect(answer).toEqual({
      principalId: 'alice',
      policyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Action: 'execute-api:Invoke',
            Effect: 'Allow',
            Resource: 'arn:aws:execute-api:eu-west-1:123456789012:api1/live/*',
          },
        ],
      },
    });
  });

  test('counts against the plan of its client', async () => {
    const answer = await start({ usage: { claim: 'client_id', scope: 'shop' } })(`Bearer ${byRsa(CLAIMS)}`);
    expect(answer.usageIdentifierKey).toBe(usageKey('shop', 'app-1'));
  });

  test('may have one of several audiences, and several of its own', async () => {
    const authorize = start({ audience: ['other', 'headroom'] });
    await expect(authorize(`Bearer ${byRsa({ ...CLAIMS, aud: ['headroom', 'more'] })}`)).resolves.toBeDefined();
  });

  test('may be signed on an elliptic curve', async () => {
    const signed = token(CLAIMS, { alg: 'ES256', kid: 'ec-1' }, (text) =>
      sign('sha256', text, { key: ec.privateKey, dsaEncoding: 'ieee-p1363' }),
    );
    await expect(start()(`Bearer ${signed}`)).resolves.toMatchObject({ principalId: 'alice' });
  });
});

describe('the keys of the issuer', () => {
  test('are asked for once for many tokens', async () => {
    const authorize = start();
    for (let i = 0; i < 5; i++) await authorize(`Bearer ${byRsa({ ...CLAIMS, sub: `user-${i}` })}`);
    expect(asked).toBe(1);
  });

  test('are not asked for again for each invented key id', async () => {
    // GIVEN a function that has the keys
    const authorize = start();
    await authorize(`Bearer ${byRsa(CLAIMS)}`);
    // WHEN tokens name keys that there are not
    for (let i = 0; i < 5; i++) {
      await expect(authorize(`Bearer ${byRsa(CLAIMS, rsa.privateKey, `none-${i}`)}`)).rejects.toThrow(/^Unauthorized$/);
    }
    // THEN the issuer is left alone
    expect(asked).toBe(1);
  });

  test.each([
    ['fails', { status: 503, body: '' }],
    ['answers with something else', { status: 200, body: '{"error": "moved"}' }],
  ])('missing because the issuer %s are no fault of the caller', async (_, answer) => {
    answerOfIssuer = answer;
    await expect(start()(`Bearer ${byRsa(CLAIMS)}`)).rejects.not.toThrow('Unauthorized');
  });
});

describe('refused is', () => {
  const { exp: _exp, ...endless } = CLAIMS;
  const { client_id: _client, ...nameless } = CLAIMS;
  const publicPem = rsa.publicKey.export({ type: 'spki', format: 'pem' });
  const cases: [string, () => string][] = [
    ['a token signed by another key', () => `Bearer ${byRsa(CLAIMS, stranger.privateKey)}`],
    ['a token that is over', () => `Bearer ${byRsa({ ...CLAIMS, exp: NOW - 60 })}`],
    ['a token that never ends', () => `Bearer ${byRsa(endless)}`],
    ['a token that does not hold yet', () => `Bearer ${byRsa({ ...CLAIMS, nbf: NOW + 3600 })}`],
    ['a token for another audience', () => `Bearer ${byRsa({ ...CLAIMS, aud: 'other' })}`],
    ['a token of another issuer', () => `Bearer ${byRsa({ ...CLAIMS, iss: 'https://login.example.org/' })}`],
    ['a token without a client', () => `Bearer ${byRsa(nameless)}`],
    ['a token without a signature', () => `Bearer ${token(CLAIMS, { alg: 'none' }, () => Buffer.alloc(0))}`],
    [
      'a token without a signature that names a key',
      () => `Bearer ${token(CLAIMS, { alg: 'none', kid: 'rsa-1' }, () => Buffer.alloc(0))}`,
    ],
    [
      'a token signed with the public key as a shared secret',
      () =>
        `Bearer ${token(CLAIMS, { alg: 'HS256', kid: 'rsa-1' }, (text) => createHmac('sha256', publicPem).update(text).digest())}`,
    ],
    [
      'a token that was changed',
      () => {
        const [header, , signature] = byRsa(CLAIMS).split('.');
        return `Bearer ${header}.${encode({ ...CLAIMS, sub: 'admin' })}.${signature}`;
      },
    ],
    ['text that is no token', () => 'Bearer abc'],
    ['a token of another scheme', () => `Basic ${byRsa(CLAIMS)}`],
    ['nothing', () => ''],
  ];

  test.each(cases)('%s', async (_, header) => {
    const authorize = start({ usage: { claim: 'client_id', scope: 'shop' } });
    await expect(authorize(header())).rejects.toThrow(/^Unauthorized$/);
  });
});

test('the log says why a token was refused, and never holds it', async () => {
  const signed = byRsa({ ...CLAIMS, exp: NOW - 60 });
  await expect(start()(`Bearer ${signed}`)).rejects.toThrow();
  const logged = warn.mock.calls.flat().join('\n');
  expect(logged).toContain('ERR_JWT_EXPIRED');
  expect(logged).not.toContain(signed.split('.')[2]);
});
