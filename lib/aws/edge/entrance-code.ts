import { PropsError } from '../errors';
import { REGION_PLACES } from './region-places';

/**
 * Code of the function that CloudFront runs on every request, before its cache: it refuses callers without a key that
 * it knows, and sends the others to the nearest region. It must end within a millisecond, so it only looks things up.
 *
 * Its key-value store holds the SHA-256 of each API key (hexadecimal) with the name of the consumer, and may hold
 * `regions`, the names of those that are to serve, separated by commas: taking one out drains it within seconds.
 *
 * @param regions names of the regions, which are the ids of the origins, the default first
 * @throws PropsError for a region whose place is not known
 */
export function entranceCode(regions: readonly string[]): string {
  const places = regions.map((region) => {
    const place = REGION_PLACES[region];
    if (place === undefined) {
      throw new PropsError('Entrance.origins', region, `regions such as ${Object.keys(REGION_PLACES).join(', ')}`);
    }
    return [region, ...place];
  });
  return `${IMPORTS}
const REGION_PATH = '${REGION_PATH}';
const PLACES = ${JSON.stringify(places)};
${HANDLER}`;
}

/** Begins the path of a request for one region alone, whatever is nearest and whatever serves. */
export function regionPath(region: string): string {
  return `${REGION_PATH}${region}/`;
}

const REGION_PATH = '/.region/';

const IMPORTS = `import cf from 'cloudfront';
import crypto from 'crypto';
`;

/**
 * Distances are compared, not told, so the cosine of the angle between two places will do. The runtime knows ECMAScript
 * 5.1 with some of what came later: neither destructuring nor for-of.
 */
const HANDLER = `const store = cf.kvs();

async function handler(event) {
  const request = event.request;
  const key = request.headers['x-api-key'];
  if (key === undefined) return refusal('a key is missing, expected the header x-api-key');
  const digest = crypto.createHash('sha256').update(key.value).digest('hex');
  if (!(await store.exists(digest))) return refusal('the key in the header x-api-key is not known');
  if (request.uri.indexOf(REGION_PATH) === 0) {
    request.uri = request.uri.slice(request.uri.indexOf('/', REGION_PATH.length));
    return request;
  }
  if (PLACES.length > 1) cf.selectRequestOriginById(nearest(request.headers, await serving()));
  return request;
}

async function serving() {
  if (!(await store.exists('regions'))) return PLACES;
  const names = (await store.get('regions')).split(',');
  const places = PLACES.filter((place) => names.indexOf(place[0]) >= 0);
  return places.length > 0 ? places : PLACES;
}

function nearest(headers, places) {
  const latitude = degrees(headers['cloudfront-viewer-latitude']);
  const longitude = degrees(headers['cloudfront-viewer-longitude']);
  if (isNaN(latitude) || isNaN(longitude)) return places[0][0];
  let best = places[0];
  let bestCosine = -2;
  for (let i = 0; i < places.length; i++) {
    const cosine = cosineOfAngle(latitude, longitude, places[i][1], places[i][2]);
    if (cosine > bestCosine) {
      best = places[i];
      bestCosine = cosine;
    }
  }
  return best[0];
}

function cosineOfAngle(latitude, longitude, otherLatitude, otherLongitude) {
  const rad = Math.PI / 180;
  return (
    Math.sin(latitude * rad) * Math.sin(otherLatitude * rad) +
    Math.cos(latitude * rad) * Math.cos(otherLatitude * rad) * Math.cos((longitude - otherLongitude) * rad)
  );
}

function degrees(header) {
  return header === undefined ? NaN : parseFloat(header.value);
}

function refusal(error) {
  return {
    statusCode: 401,
    statusDescription: 'Unauthorized',
    headers: { 'content-type': { value: 'application/json' }, 'cache-control': { value: 'no-store' } },
    body: { encoding: 'text', data: JSON.stringify({ error: error }) },
  };
}
`;
