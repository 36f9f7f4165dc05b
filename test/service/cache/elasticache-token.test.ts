import { expect, test } from '@jest/globals';
import { elastiCacheCredentials } from '../../../service/cache/elasticache-token';

const IDENTITY = { user: 'headroom', cache: 'shop-cache', isServerless: false, region: 'eu-west-1' };
const KEYS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
const NOW = () => new Date('2026-01-02T03:04:05.678Z');

// The signatures are those that botocore 1.43.11 makes of the same request.
test('the password is the signed address of a request to connect, without its scheme', async () => {
  const { username, password } = await elastiCacheCredentials(IDENTITY, async () => KEYS, NOW)();
  expect([username, password]).toEqual([
    'headroom',
    'shop-cache/?Action=connect&User=headroom&X-Amz-Expires=900&X-Amz-Date=20260102T030405Z' +
      '&X-Amz-Algorithm=AWS4-HMAC-SHA256' +
      '&X-Amz-Credential=AKIDEXAMPLE%2F20260102%2Feu-west-1%2Felasticache%2Faws4_request&X-Amz-SignedHeaders=host' +
      '&X-Amz-Signature=5d910eb36f0b3e7a7f26687fa897db930d61e7cc1a98b57c7d896c4dd8a988b0',
  ]);
});

test('what signs in to a serverless cache says so, and signs that it does', async () => {
  const { password } = await elastiCacheCredentials({ ...IDENTITY, isServerless: true }, async () => KEYS, NOW)();
  const query = new URLSearchParams(password.slice('shop-cache/?'.length));
  expect([query.get('ResourceType'), query.get('X-Amz-Signature')]).toEqual([
    'ServerlessCache',
    '6c5fe1ea90aeb9fa2299ea8583eac7450f115a20dbe42783fb005580d6b31de5',
  ]);
});

test('keys of a session sign with its token', async () => {
  const keys = async () => ({ ...KEYS, sessionToken: 'session/token+=' });
  const { password } = await elastiCacheCredentials(IDENTITY, keys, NOW)();
  const query = new URLSearchParams(password.slice('shop-cache/?'.length));
  expect([query.get('X-Amz-Security-Token'), query.get('X-Amz-Signature')]).toEqual([
    'session/token+=',
    '3f718eeeeb6c37070447d21ecd8b33ede6709e5eb67cf6c2edbfe0eea15b98b9',
  ]);
});

test('without keys there is no password', async () => {
  const none = () => Promise.reject(new Error('no keys'));
  await expect(elastiCacheCredentials(IDENTITY, none, NOW)()).rejects.toThrow('no keys');
});
