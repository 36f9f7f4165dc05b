import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { newestDigest } from '../../../lib/plan/artifact';
import { poolInt8, readInt8 } from '../../../lib/plan/int8';
import { makePlan } from '../../../lib/plan/plan';
import { parseSpec } from '../../../lib/spec/load';
import { provenanceOf } from '../../support/provenance';
import { PRICES, PROFILE } from './support';

const SPEC = `name: shop
models:
  fraud: {useCase: fraud-detection, path: models/fraud, peakQps: 300, pool: web}
  text: {useCase: search-ranking, path: models/text, peakQps: 100, pool: web}
pools: {web: {}}
aws: {region: eu-west-1}
`;
const FASTER = { verdict: { outcome: 'pays', latencySpeedup: 2, throughputSpeedup: 2.5 } };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'headroom-int8-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const spec = () => parseSpec(SPEC, join(folder, 'headroom.yaml'));

function report(
  result: object,
  {
    id = 'dynamic-int8',
    at = '2026-11-24T12:00:00Z',
    digest = 'a'.repeat(64),
    name = 'fraud',
    others = [] as readonly object[],
  } = {},
): void {
  const json = {
    measuredAt: at,
    model: { name, digest },
    candidates: [{ id: 'graph-offline', result: FASTER }, { id, result }, ...others],
  };
  writeFileSync(join(folder, `optimize-${name}-${at.replaceAll(':', '-')}.json`), JSON.stringify(json));
}

function modelFile(content: string): string {
  const place = join(folder, 'models', 'fraud', '1');
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, 'model.onnx'), content);
  return newestDigest(join(folder, 'models', 'fraud')) ?? '';
}

describe('INT8 as headroom optimize measured it', () => {
  test('is taken where it pays, with the report that says so', () => {
    report(FASTER);
    const { measured, figures, warnings } = readInt8(spec(), folder);
    expect([...measured]).toEqual([['fraud', { idleShare: 0.5, batchShare: 0.4 }]]);
    expect(figures).toMatchObject([
      { value: 40, source: 'measured', detail: expect.stringContaining('optimize-fraud') },
    ]);
    expect(warnings).toEqual([]);
  });

  test.each([
    ['loses too much', { verdict: { ...FASTER.verdict, outcome: 'loses too much' } }],
    ['is slower', { verdict: { outcome: 'slower', latencySpeedup: 0.5, throughputSpeedup: 0.9 } }],
    ['does not apply', { notMeasured: 'there is nothing to quantise', applies: false }],
  ])('is no choice where it %s', (_, result) => {
    report(result);
    expect([...readInt8(spec(), folder).measured]).toEqual([['fraud', undefined]]);
  });

  test('stays unknown where only the tools were missing', () => {
    report({ notMeasured: 'no Python 3.11', applies: true });
    expect(readInt8(spec(), folder).measured.size).toBe(0);
  });

  test('stays unknown where one way does not apply and the other lacked its data', () => {
    const other = { id: 'static-int8', result: { notMeasured: 'needs calibration data', applies: true } };
    report({ notMeasured: 'there is nothing to quantise', applies: false }, { others: [other] });
    expect(readInt8(spec(), folder).measured.size).toBe(0);
  });

  test('is that of the newest report', () => {
    report(FASTER);
    report({ verdict: { ...FASTER.verdict, outcome: 'slower' } }, { at: '2026-11-25T12:00:00Z' });
    expect([...readInt8(spec(), folder).measured]).toEqual([['fraud', undefined]]);
  });

  test('is not taken from another artifact, which is said', () => {
    modelFile('another model');
    report(FASTER);
    expect(readInt8(spec(), folder)).toMatchObject({
      measured: new Map(),
      warnings: [expect.stringMatching(/is of another artifact of fraud than the one deployed/)],
    });
  });

  test('is no choice any more where it is what is deployed', () => {
    const digest = modelFile('the INT8 version');
    const parent = 'b'.repeat(64);
    const provenance = [provenanceOf(digest, parent)];
    writeFileSync(join(folder, 'models', 'fraud', 'model.yaml'), JSON.stringify({ provenance }));
    report(FASTER, { digest: parent });
    expect([...readInt8(spec(), folder).measured]).toEqual([['fraud', undefined]]);
  });

  test('passes over what is no report', () => {
    writeFileSync(join(folder, 'x.json'), '{');
    writeFileSync(join(folder, 'y.json'), '{"report": "load"}');
    expect(readInt8(spec(), folder).measured.size).toBe(0);
  });
});

describe('INT8 of a pool', () => {
  const [pool] = parseSpec(SPEC, 'headroom.yaml').pools;
  const { models } = parseSpec(SPEC, 'headroom.yaml');
  const of = (measured: Parameters<typeof poolInt8>[3]) => pool && poolInt8(models, pool, new Map(), measured);

  test('is unknown of models of which it was not measured, and not assumed', () => {
    expect(of(new Map())).toEqual({ int8: undefined, unknown: ['fraud', 'text'] });
  });

  test('leaves a model of which it was not measured as it is beside one of which it was', () => {
    // Of 300 requests/s the time halves, of 100 it stays.
    expect(of(new Map([['fraud', { idleShare: 0.5, batchShare: 0.5 }]]))).toEqual({
      int8: { idleShare: 0.625, batchShare: 0.625 },
      unknown: ['text'],
    });
  });

  test('is none on a GPU, of which nothing was measured', () => {
    const [onGpu] = parseSpec(SPEC.replace('{web: {}}', '{web: {hardware: gpu, gpu: t4}}'), 'headroom.yaml').pools;
    const measured = new Map([['fraud', { idleShare: 0.5, batchShare: 0.5 }]]);
    expect(onGpu && poolInt8(models, onGpu, new Map(), measured)).toEqual({ int8: undefined, unknown: [] });
  });

  test('is weighted by the time of its models', () => {
    const measured = new Map([
      ['fraud', { idleShare: 0.5, batchShare: 0.4 }],
      ['text', undefined],
    ] as const);
    expect(of(measured)).toEqual({ int8: { idleShare: 0.625, batchShare: 0.55 }, unknown: [] });
  });

  test('is no choice where it is none for all of them', () => {
    expect(
      of(
        new Map([
          ['fraud', undefined],
          ['text', undefined],
        ]),
      ),
    ).toEqual({ int8: undefined, unknown: [] });
  });
});

test('the ways to run a pool have INT8 as measured, or not at all', () => {
  const planned = (int8: Parameters<typeof poolInt8>[3]) =>
    makePlan(parseSpec(SPEC, 'headroom.yaml'), {
      profiles: new Map(['fraud', 'text'].map((model) => [model, { ...PROFILE, model }])),
      prices: PRICES,
      growth: 1,
      shape: { natGateways: 1, interfaceEndpoints: false, redis: undefined, frontDoor: 'cloudfront', systemNodes: 1 },
      cacheHitRatio: undefined,
      int8,
    })
      .options.get('web')
      ?.filter((option) => option.int8 && !option.cache && option.gpu === undefined);
  const measured = { idleShare: 0.5, batchShare: 0.5 };
  expect(
    planned(
      new Map([
        ['fraud', measured],
        ['text', measured],
      ]),
    )?.map(({ source }) => source),
  ).toContain('measured');
  expect(
    planned(
      new Map([
        ['fraud', undefined],
        ['text', undefined],
      ]),
    ),
  ).toEqual([]);
});
