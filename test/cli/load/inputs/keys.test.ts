import { describe, expect, test } from '@jest/globals';
import { distinctKeys, firstKey } from '../../../../cli/load/inputs/keys';

const STARTED_MS = Date.UTC(2026, 11, 1);
const PLENTY = 1e12;

describe('the keys of a run that asks for everything once', () => {
  test('are not those of a run that began after an earlier one of ten seconds at 50,000 requests/s', () => {
    const earlier = distinctKeys(firstKey(STARTED_MS, PLENTY));
    const asked = new Set(Array.from({ length: 500_000 }, earlier));
    const later = distinctKeys(firstKey(STARTED_MS + 10_000, PLENTY));
    expect(Array.from({ length: 500_000 }, later).filter((key) => asked.has(key))).toEqual([]);
  });

  test('begin among those that there are', () => {
    expect(firstKey(STARTED_MS, 8)).toBeLessThan(8);
  });
});
