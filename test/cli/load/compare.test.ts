import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Comparison, compareReports } from '../../../cli/load/compare';
import { headroom } from '../../support/command-line';

const MACHINE = { cpu: 'Test CPU', cores: 2, memoryBytes: 4e9, node: 'v20.20.2' };

function report(target: object, changes: object = {}): string {
  const base = {
    name: 'fraud',
    digest: 'a'.repeat(64),
    offeredQps: 100,
    answeredQps: 100,
    tooMany: 0,
    unavailable: 0,
    failed: 0,
  };
  const targets = [{ ...base, latencyMs: { p50: 2, p95: 4, p99: 8 }, ...target }];
  return JSON.stringify({ report: 'load', machine: MACHINE, targets, generator: { limits: [] }, ...changes });
}

describe('headroom load compare', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'headroom-compare-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  function file(name: string, text: string): string {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  }

  function compared(before: string, after: string): Comparison {
    return compareReports(file('before.json', before), file('after.json', after));
  }

  test('sets each figure against the same of the other', () => {
    const { differences, warnings } = compared(
      report({}),
      report({ latencyMs: { p50: 2, p95: 6, p99: 8 }, failed: 3 }),
    );
    expect(differences).toContainEqual({ target: 'fraud', figure: 'p95 ms', before: 4, after: 6, ratio: 1.5 });
    expect(differences).toContainEqual({
      target: 'fraud',
      figure: 'lost requests',
      before: 0,
      after: 3,
      ratio: undefined,
    });
    expect(warnings).toEqual([]);
  });

  test.each([
    [
      'different machines',
      report({}, { machine: { ...MACHINE, cores: 8 } }),
      /measured on different machines: 2 × .* and 8 ×/,
    ],
    [
      'different rates',
      report({ offeredQps: 200 }),
      /was offered 100 and 200 requests\/s: their latencies do not compare/,
    ],
    ['another artifact', report({ digest: 'b'.repeat(64) }), /was another artifact: aaaaaaaaaaaa and bbbbbbbbbbbb/],
    ['a generator at its limit', report({}, { generator: { limits: ['busy'] } }), /the load generator was the limit/],
  ])('warns of %s', (_, after, message) => {
    expect(compared(report({}), after).warnings).toEqual([expect.stringMatching(message)]);
  });

  test('refuses reports without a common target', () => {
    expect(() => compared(report({}), report({ name: 'ranking' }))).toThrow(
      /nothing to compare: .* is of fraud, .* of ranking/,
    );
  });

  test.each([
    ['{}', /is no report of headroom load/],
    ['no JSON', /is no report of headroom load/],
  ])('refuses the file %j', async (text, message) => {
    const { code, stderr } = await headroom(
      'load',
      'compare',
      file('before.json', text),
      file('after.json', report({})),
    );
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });

  test('tells that a report does not exist', async () => {
    const { code, stderr } = await headroom('load', 'compare', 'nowhere.json', file('after.json', report({})));
    expect([code, stderr]).toEqual([2, 'error: cannot read the report nowhere.json: it does not exist\n']);
  });
});
