import { expect, test } from '@jest/globals';
import { Registry } from 'prom-client';
import { CacheMetrics } from '../../../service/telemetry/cache-metrics';

test('of lookups in memory, one in 64 is timed, and all find what is there', async () => {
  // GIVEN the metrics of a layer
  const registry = new Registry();
  const layer = new CacheMetrics(registry).add('prediction', 'memory');
  // WHEN 640 lookups are made
  const found = Array.from({ length: 640 }, (_, i) => layer.timeSome(() => i));
  // THEN each has its own outcome, and ten are in the histogram
  expect(found).toEqual(Array.from({ length: 640 }, (_, i) => i));
  expect(await registry.metrics()).toContain('cache_lookup_seconds_count{cache="prediction",layer="memory"} 10');
});

test('a lookup that fails is not observed', () => {
  const layer = new CacheMetrics(new Registry()).add('prediction', 'memory');
  for (let i = 0; i < 63; i++) layer.timeSome(() => i);
  const failing = () => {
    throw new Error('gone');
  };
  expect(() => layer.timeSome(failing)).toThrow('gone');
  expect(layer.latency.count).toBe(0);
});
