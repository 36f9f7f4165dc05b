import { PropsError } from '../errors';

const NETWORK = /^(\d{1,3}(?:\.\d{1,3}){3})\/(\d{1,2})$/;

/**
 * Code of the function that CloudFront runs on every request for a model, before its cache: it refuses whoever comes
 * from another address. It knows addresses of IPv4 only, so the distribution must not be reached over IPv6.
 *
 * @param networks as 203.0.113.0/24
 * @throws PropsError for what is no network
 */
export function readersCode(networks: readonly string[]): string {
  return `const NETWORKS = ${JSON.stringify(networks.map(bounds))};
${HANDLER}`;
}

/** First address and number of addresses. */
function bounds(network: string): readonly [first: number, count: number] {
  const [, address = '', bits = ''] = NETWORK.exec(network) ?? [];
  const octets = address.split('.').map(Number);
  const count = 2 ** (32 - Number(bits));
  if (address === '' || Number(bits) > 32 || octets.some((octet) => octet > 255)) {
    throw new PropsError('ModelDelivery.access', network, 'networks such as 203.0.113.0/24');
  }
  const value = octets.reduce((sum, octet) => sum * 256 + octet, 0);
  return [value - (value % count), count];
}

/** The runtime knows ECMAScript 5.1 with some of what came later: neither destructuring nor for-of. */
const HANDLER = `
function handler(event) {
  if (isReader(event.viewer.ip)) return event.request;
  return {
    statusCode: 403,
    statusDescription: 'Forbidden',
    headers: { 'content-type': { value: 'application/json' }, 'cache-control': { value: 'no-store' } },
    body: { encoding: 'text', data: JSON.stringify({ error: 'models are not for ' + event.viewer.ip }) },
  };
}

function isReader(ip) {
  const octets = ip.split('.');
  if (octets.length !== 4) return false;
  const address = octets.reduce((sum, octet) => sum * 256 + Number(octet), 0);
  return NETWORKS.some((network) => address >= network[0] && address < network[0] + network[1]);
}
`;
