import { describe, expect, test } from '@jest/globals';
import { INSTANCE_TYPES } from '../../../lib/plan/instance-types';
import { parsePrices } from '../../../lib/plan/prices';
import listPrices from '../../../lib/plan/prices/aws.json';
import { REDIS_NODES } from '../../../lib/plan/redis-nodes';
import { PRICE_DOCUMENT, PRICES } from './support';

describe('a price', () => {
  test('has its region, its date and its source', () => {
    expect(PRICES.get('ec2/c7g.large')).toMatchObject({
      first: 0.1,
      unit: 'hour',
      region: 'eu-west-1',
      date: '2026-07-20',
      source: 'a test',
    });
  });

  test('by volume is paid step by step', () => {
    // 333 at 3.5, 667 at 2.8, 500 at 2
    expect(PRICES.get('api-gateway/requests').costOf(1500)).toBeCloseTo(1165.5 + 1867.6 + 1000, 6);
  });

  test('that is missing in the region is told in one sentence', () => {
    const prices = parsePrices(JSON.stringify(PRICE_DOCUMENT), 'prices.json', 'eu-north-1');
    expect(() => prices.get('eks/cluster')).toThrow(
      'no price of eks/cluster in eu-north-1 in prices.json, it has one for eu-west-1: give a file that has it by --prices',
    );
  });

  test('of a later list goes before that of an earlier one', () => {
    const more = { region: 'eu-west-1', date: '2026-08-01', source: 'an offer', prices: { 'eks/cluster': 0.05 } };
    const document = { ...PRICE_DOCUMENT, lists: [...PRICE_DOCUMENT.lists, more] };
    expect(parsePrices(JSON.stringify(document), 'p.json', 'eu-west-1').get('eks/cluster').first).toBe(0.05);
  });
});

describe('a file of prices', () => {
  test('that is not JSON is refused by name', () => {
    expect(() => parsePrices('{', 'p.json', 'eu-west-1')).toThrow('the prices p.json are not JSON');
  });

  test('with a price below nothing is refused by its place', () => {
    const text = JSON.stringify({
      currency: 'USD',
      lists: [{ region: '*', date: '2026-07-20', source: 'x', prices: { 'waf/acl': -1 } }],
    });
    expect(() => parsePrices(text, 'p.json', 'eu-west-1')).toThrow(/^the prices p.json cannot be used: lists.0.prices/);
  });
});

describe('the list that comes with headroom', () => {
  test('has every instance type in us-east-1', () => {
    const prices = parsePrices(JSON.stringify(listPrices), 'aws.json', 'us-east-1');
    const missing = INSTANCE_TYPES.filter(({ name }) => prices.find(`ec2/${name}`) === undefined);
    expect(missing.map(({ name }) => name)).toEqual([]);
  });

  test.each(['us-east-1', 'eu-west-1'])('has every Redis that may be deployed in %s', (region) => {
    const prices = parsePrices(JSON.stringify(listPrices), 'aws.json', region);
    const items = [
      ...REDIS_NODES.flatMap(({ type }) => [`elasticache/${type}`, `elasticache/valkey/${type}`] as const),
      ...(['redis', 'valkey'] as const).flatMap(
        (engine) => [`elasticache/serverless-${engine}/storage`, `elasticache/serverless-${engine}/ecpus`] as const,
      ),
    ];
    expect(items.filter((item) => prices.find(item) === undefined)).toEqual([]);
  });
});
