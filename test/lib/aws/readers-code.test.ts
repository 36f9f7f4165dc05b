import { createContext, runInContext } from 'node:vm';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readersCode } from '../../../lib/aws/edge/readers-code';

/** Whether the code lets a request from an address pass, run as CloudFront does. */
function admits(networks: readonly string[], ip: string): boolean {
  const request = { uri: '/fraud-detection/manifest.json' };
  const answer = runInContext(
    `${readersCode(networks)}\nhandler(event)`,
    createContext({ event: { request, viewer: { ip } } }),
  );
  if (answer === request) return true;
  expect(answer).toMatchObject({
    statusCode: 403,
    body: { data: JSON.stringify({ error: `models are not for ${ip}` }) },
  });
  return false;
}

test.each([
  ['203.0.113.0', true],
  ['203.0.113.255', true],
  ['203.0.112.255', false],
  ['203.0.114.0', false],
  ['198.51.100.7', true],
  ['198.51.100.8', false],
  ['2001:db8::1', false],
])('of 203.0.113.0/24 and 198.51.100.7/32, %s is a reader: %p', (ip, expected) => {
  expect(admits(['203.0.113.0/24', '198.51.100.7/32'], ip)).toBe(expected);
});

test('a network is all addresses with the same first bits, whichever of them it is named by', () => {
  const octet = fc.nat(255);
  const address = fc.tuple(octet, octet, octet, octet);
  const value = (octets: readonly number[]) => octets.reduce((sum, each) => sum * 256n + BigInt(each), 0n);
  fc.assert(
    fc.property(address, address, fc.integer({ min: 0, max: 32 }), (network, ip, bits) => {
      const hostBits = BigInt(32 - bits);
      expect(admits([`${network.join('.')}/${bits}`], ip.join('.'))).toBe(
        value(network) >> hostBits === value(ip) >> hostBits,
      );
    }),
  );
});

test.each(['203.0.113.0', '203.0.113.256/24', '203.0.113.0/33', 'example.com/24'])('%s is no network', (network) => {
  expect(() => readersCode([network])).toThrow(
    `ModelDelivery.access: found '${network}', expected networks such as 203.0.113.0/24`,
  );
});

test('as many networks as a spec takes fit into a function of CloudFront', () => {
  const networks = Array.from({ length: 100 }, (_, index) => `255.255.${index}.0/32`);
  expect(Buffer.byteLength(readersCode(networks))).toBeLessThan(10_240);
});
