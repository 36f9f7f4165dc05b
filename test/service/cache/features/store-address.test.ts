import { expect, test } from '@jest/globals';
import { parseFeatureStoreAddress } from '../../../../service/cache/features/store-address';

const from = (environment: Record<string, string> = {}, token?: string) => ({
  source: '--feature-store',
  token,
  environment,
});

test.each([
  ['dynamodb://features?region=eu-west-1', {}, { table: 'features', region: 'eu-west-1', endpoint: undefined }],
  ['dynamodb://a.b_c-d', { AWS_REGION: 'us-east-1' }, { table: 'a.b_c-d', region: 'us-east-1', endpoint: undefined }],
  [
    'dynamodb://features?region=eu-west-1',
    { AWS_REGION: 'us-east-1', AWS_ENDPOINT_URL: 'http://b', AWS_ENDPOINT_URL_DYNAMODB: 'http://a' },
    { table: 'features', region: 'eu-west-1', endpoint: 'http://a' },
  ],
])('%s with %j', (text, environment, expected) => {
  expect(parseFeatureStoreAddress(text, from(environment))).toEqual({ kind: 'dynamodb', ...expected });
});

test('a token goes with the address of a server that speaks HTTP', () => {
  expect(parseFeatureStoreAddress('https://features', from({}, 'secret'))).toEqual({
    kind: 'http',
    url: 'https://features/',
    token: 'secret',
  });
});

test.each([
  ['ftp://x', 'is not an address of a feature store'],
  ['dynamodb://features', 'the region else from AWS_REGION'],
  ['dynamodb://no table?region=eu-west-1', 'is not an address of a feature store'],
  ['dynamodb://features?zone=a', 'is not an address of a feature store'],
  ['https://user:password@features', 'is not an address of a feature store'],
])('%s is refused, without repeating it', (text, problem) => {
  expect(() => parseFeatureStoreAddress(text, from())).toThrow(problem);
  expect(() => parseFeatureStoreAddress(text, from())).not.toThrow(text);
});

test.each([
  ['redis://cache', 'secret', 'only a server of that kind takes'],
  ['https://features', 'two\nlines', 'characters that no header may have'],
])('the token for %s is refused', (text, token, problem) => {
  expect(() => parseFeatureStoreAddress(text, from({}, token))).toThrow(problem);
});
