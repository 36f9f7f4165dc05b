import { createHash } from 'node:crypto';
import { createContext, runInContext } from 'node:vm';
import { describe, expect, test } from '@jest/globals';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import { entranceCode } from '../../../lib/aws/edge/entrance-code';
import { REGION_PLACES } from '../../../lib/aws/edge/region-places';

const KEY = 'a-key-of-the-test';
const KNOWN = { [createHash('sha256').update(KEY).digest('hex')]: 'web' };

/** Runs the code as CloudFront does, with stand-ins for the two modules that its runtime brings. */
async function run(
  regions: readonly string[],
  headers: Readonly<Record<string, string>>,
  store: Readonly<Record<string, string>> = KNOWN,
  uri = '/v1/models/fraud:predict',
): Promise<{ status: number; origin: string | undefined; uri: string; body: string }> {
  const code = entranceCode(regions).replace(/^import .*$/gm, '');
  let origin: string | undefined;
  const kvs = { exists: async (key: string) => key in store, get: async (key: string) => store[key] };
  const cf = {
    kvs: () => kvs,
    selectRequestOriginById: (id: string) => {
      origin = id;
    },
  };
  const request = {
    uri,
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, { value }])),
  };
  const context = createContext({ cf, crypto: { createHash }, event: { request } });
  const answer = await runInContext(`${code}\nhandler(event)`, context);
  return { status: answer.statusCode ?? 200, origin, uri: answer.uri, body: answer.body?.data ?? '' };
}

/** Headers that CloudFront adds, of a caller at a place. */
function from(latitude: number, longitude: number): Record<string, string> {
  return {
    'x-api-key': KEY,
    'cloudfront-viewer-latitude': String(latitude),
    'cloudfront-viewer-longitude': String(longitude),
  };
}

describe('keys', () => {
  test('a request without one is refused', async () => {
    const { status, body } = await run(['eu-west-1'], {});
    expect([status, body]).toEqual([401, '{"error":"a key is missing, expected the header x-api-key"}']);
  });

  test('a request with one that nobody was given is refused', async () => {
    const { status, body } = await run(['eu-west-1'], { 'x-api-key': 'guessed' });
    expect([status, body]).toEqual([401, '{"error":"the key in the header x-api-key is not known"}']);
  });

  test('a request with one that is known goes on', async () => {
    expect((await run(['eu-west-1'], { 'x-api-key': KEY })).status).toBe(200);
  });
});

describe('regions', () => {
  test.each([
    ['Berlin', 52.5, 13.4, 'eu-west-1'],
    ['Boston', 42.4, -71.1, 'us-east-1'],
    ['Brisbane', -27.5, 153.0, 'ap-southeast-2'],
    ['Suva, beyond the date line', -18.1, 178.4, 'ap-southeast-2'],
    ['Honolulu', 21.3, -157.9, 'us-east-1'],
  ])('a caller in %s is served by the nearest', async (_, latitude, longitude, expected) => {
    const { origin } = await run(['eu-west-1', 'us-east-1', 'ap-southeast-2'], from(latitude, longitude));
    expect(origin).toBe(expected);
  });

  test('a caller of unknown place is served by the first', async () => {
    expect((await run(['eu-west-1', 'us-east-1'], { 'x-api-key': KEY })).origin).toBe('eu-west-1');
  });

  test('one that is taken out gets nothing more', async () => {
    const store = { ...KNOWN, regions: 'us-east-1' };
    expect((await run(['eu-west-1', 'us-east-1'], from(52.5, 13.4), store)).origin).toBe('us-east-1');
  });

  test('a list without a region that is there is passed over, because somebody must serve', async () => {
    const store = { ...KNOWN, regions: '' };
    expect((await run(['eu-west-1', 'us-east-1'], from(52.5, 13.4), store)).origin).toBe('eu-west-1');
  });

  test('one that is asked for by its path gets the request as if it had come without', async () => {
    const path = '/.region/us-east-1/v1/models/fraud:predict';
    const { origin, uri } = await run(['eu-west-1', 'us-east-1'], from(52.5, 13.4), KNOWN, path);
    expect([origin, uri]).toEqual([undefined, '/v1/models/fraud:predict']);
  });

  test('where there is one, the origin stays as it is', async () => {
    expect((await run(['eu-west-1'], from(52.5, 13.4))).origin).toBeUndefined();
  });

  test('are all known that AWS has, outside China and the government', () => {
    // GIVEN the regions of the library's own table
    const regions = RegionInfo.regions.filter(({ partition }) => partition === 'aws').map(({ name }) => name);
    // THEN of each it is known where it is
    expect(Object.keys(REGION_PLACES).sort()).toEqual(regions.sort());
  });
});

test('the code is small enough for a function of CloudFront', () => {
  expect(Buffer.byteLength(entranceCode(Object.keys(REGION_PLACES)))).toBeLessThan(10_240);
});
