import { expect, test } from '@jest/globals';
import { TIER_DESIGNS } from '../../../lib/aws/tier-design';
import { TIERS } from '../../../lib/spec/tiers';

const { small, medium, large, 'very-large': veryLarge } = TIER_DESIGNS;

test('there is a design for each tier', () => {
  expect(Object.keys(TIER_DESIGNS)).toEqual(TIERS.map(({ name }) => name));
});

test('the small tier has the least of everything', () => {
  expect(small).toMatchObject({ natGateways: 1, interfaceEndpoints: false, redis: undefined, systemNodes: 1 });
});

test('from the medium tier on, the loss of a zone takes neither the way out nor the cache', () => {
  for (const design of [medium, large, veryLarge]) {
    expect(design.natGateways).toBe(3);
    expect(design.redis?.replicasPerShard).toBeGreaterThan(0);
    expect(design.systemNodes).toBeGreaterThan(1);
  }
});

test('from the large tier on, Redis is in cluster mode', () => {
  expect(medium.redis?.shards).toBe(1);
  expect(large.redis?.shards).toBeGreaterThan(1);
  expect(veryLarge.redis?.shards).toBeGreaterThan(large.redis?.shards ?? 0);
});

test('only the very large tier is served at the edge, from several regions', () => {
  const tiers = [small, medium, large, veryLarge];
  expect(tiers.map(({ frontDoor }) => frontDoor)).toEqual(['api-gateway', 'api-gateway', 'api-gateway', 'cloudfront']);
  expect(tiers.map(({ severalRegions }) => severalRegions)).toEqual([false, false, false, true]);
});

test('the large tier has a second way in that keeps predictions at the edge; the largest has no other', () => {
  expect([small, medium, large, veryLarge].map(({ edgeCache }) => edgeCache)).toEqual([false, false, true, false]);
});
