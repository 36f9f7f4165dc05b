import { describe, expect, test } from '@jest/globals';
import { Histogram, Registry } from 'prom-client';
import { BoundHistogram } from '../../../service/telemetry/histogram';

const BUCKETS = [0.1, 0.5, 1];

describe('a histogram whose series are bound to their labels', () => {
  test('exposes exactly what the library does for the same observations', async () => {
    // GIVEN the same observations in both, on bounds, between them and beyond
    const [ours, theirs] = [new Registry(), new Registry()];
    const settings = { name: 'x_seconds', help: 'Help.', labelNames: ['model'] as const, buckets: BUCKETS };
    const bound = new BoundHistogram({ ...settings, registers: [ours] }).series({ model: 'm' });
    const library = new Histogram({ ...settings, registers: [theirs] });
    for (const value of [0.05, 0.1, 0.3, 0.5, 0.7, 1, 4]) {
      bound.observe(value);
      library.observe({ model: 'm' }, value);
    }
    // THEN the sets of lines are equal; their order within a label set is free in the format
    const lines = (text: string) => text.split('\n').map(canonical).sort();
    expect(lines(await ours.metrics())).toEqual(lines(await theirs.metrics()));
  });

  test('equal labels share a series', () => {
    const histogram = new BoundHistogram({
      name: 'x',
      help: 'Help.',
      labelNames: ['a'],
      buckets: BUCKETS,
      registers: [],
    });
    expect(histogram.series({ a: '1' })).toBe(histogram.series({ a: '1' }));
  });

  test('a dropped series is exposed no more', async () => {
    const histogram = new BoundHistogram({
      name: 'x',
      help: 'Help.',
      labelNames: ['a'],
      buckets: BUCKETS,
      registers: [],
    });
    histogram.series({ a: '1' }).observe(1);
    histogram.drop(({ a }) => a === '1');
    expect((await histogram.get()).values).toEqual([]);
  });
});

/** Labels in the order of their names: the library and we may write them in different orders. */
function canonical(line: string): string {
  return line.replace(/\{(.*)\}/, (_, labels: string) => `{${labels.split(',').sort().join(',')}}`);
}
