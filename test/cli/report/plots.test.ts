import { describe, expect, test } from '@jest/globals';
import { barPlot } from '../../../cli/report/bar-plot';
import { linePlot } from '../../../cli/report/line-plot';
import { htmlTable, page } from '../../../cli/report/page';

const formatX = (x: number) => `${x} s`;

describe('a line plot', () => {
  test('spans from the first point to the right edge that is given', () => {
    const svg = linePlot({
      name: 'p95 ms',
      curves: [
        {
          name: 'p95',
          colour: 'red',
          points: [
            { x: 0, y: 0 },
            { x: 5, y: 10 },
          ],
        },
      ],
      formatX,
      to: 10,
    });
    expect(svg).toContain('points="70,130 465,15.7"');
    expect(svg).toContain('>10 s</text>');
  });

  test('leaves a gap where a value is missing', () => {
    const points = [1, 2, Number.NaN, 4, 5].map((y, x) => ({ x, y }));
    const svg = linePlot({ name: 'p95 ms', curves: [{ name: 'p95', colour: 'red', points }], formatX });
    expect(svg.match(/<polyline/g)).toHaveLength(2);
    expect(svg).not.toContain('NaN');
  });

  test('makes room for a limit above all points, and names it', () => {
    const curves = [{ name: 'p95', colour: 'red', points: [{ x: 0, y: 1 }] }];
    const svg = linePlot({ name: 'p95 ms', curves, formatX, limit: { value: 100, name: 'SLO 100 ms' } });
    expect(svg).toContain('y1="15.7"');
    expect(svg).toContain('┅ SLO 100 ms');
  });

  test('is drawn without points, too', () => {
    expect(linePlot({ name: 'p95 ms', curves: [], formatX })).not.toMatch(/NaN|Infinity/);
  });

  test('labels dots', () => {
    const points = [{ x: 1, y: 2, label: 'm7g <large>' }];
    const svg = linePlot({ name: 'cost', curves: [{ name: 'types', colour: 'red', points, style: 'dots' }], formatX });
    expect(svg).toContain('m7g &lt;large&gt;</text>');
  });
});

test('a log axis gives equal ratios equal room', () => {
  const points = [10, 100, 1000].map((x) => ({ x, y: 1 }));
  const svg = linePlot({ name: 'p95', curves: [{ name: 'p95', colour: 'red', points }], formatX, axis: 'log' });
  expect(svg).toMatch(/points="70,\S+ 465,\S+ 860,/);
});

test('the rarest bar of a histogram is still seen', () => {
  const bars = [
    { from: 0, to: 1, value: 1e6 },
    { from: 1, to: 2, value: 1 },
    { from: 2, to: 3, value: 0 },
  ];
  const heights = [...barPlot({ name: 'requests', colour: 'red', bars, formatX }).matchAll(/height="([\d.]+)" fill/g)];
  expect(heights.map(([, height]) => Number(height))).toEqual([114.3, 1, 0]);
});

test('text never becomes HTML', () => {
  expect(page('<b>', htmlTable(['<i>'], [{ cells: ['"&"'] }]))).toMatch(
    /<h1>&lt;b&gt;<\/h1>[\s\S]*<th>&lt;i&gt;<\/th>[\s\S]*<td>&quot;&amp;&quot;<\/td>/,
  );
});
