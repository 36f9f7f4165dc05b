import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { JsonRows, type Variation } from '../../../../cli/load/inputs/json-rows';

const EXAMPLE = {
  instances: [{ age: 44, share: 0.5, home: 'owner', records: false, tags: [1, 'x'] }, { age: 1 }],
  top: 3,
};

function rowsOf(body: unknown): JsonRows {
  const rows = JsonRows.of(body);
  if (rows === undefined) throw new Error('no rows');
  return rows;
}

function upwards(rows: JsonRows): Variation[] {
  return rows.leaves.map((leaf) => ({ leaf, sign: 1 }));
}

describe('bodies made from an example', () => {
  test('begin with the example itself, one row of it', () => {
    const rows = rowsOf(EXAMPLE);
    expect(JSON.parse(String(rows.inputs(upwards(rows), 1).body(0)))).toEqual({
      instances: [EXAMPLE.instances[0]],
      top: 3,
    });
  });

  test('keep texts, and the kinds of all values', () => {
    const rows = rowsOf(EXAMPLE);
    const inputs = rows.inputs(upwards(rows), 1);
    fc.assert(
      fc.property(fc.nat(1e9), (key) => {
        const { instances } = JSON.parse(String(inputs.body(key)));
        expect(instances).toEqual([
          {
            age: expect.any(Number),
            share: expect.any(Number),
            home: 'owner',
            records: expect.any(Boolean),
            tags: [expect.any(Number), 'x'],
          },
        ]);
        expect(Number.isInteger(instances[0].age)).toBe(true);
      }),
    );
  });

  test('differ in every row of every key', () => {
    const rows = rowsOf(EXAMPLE);
    fc.assert(
      fc.property(fc.nat(30_000), fc.nat(30_000), fc.integer({ min: 1, max: 8 }), (one, other, count) => {
        const inputs = rows.inputs(upwards(rows), count);
        const all = [...new Set([one, other])].flatMap((key) => JSON.parse(String(inputs.body(key))).instances);
        expect(new Set(all.map((row) => JSON.stringify(row))).size).toBe(all.length);
      }),
    );
  });

  test('vary only what may vary', () => {
    const rows = rowsOf({ instances: [{ a: 1, b: true }] });
    const inputs = rows.inputs(
      upwards(rows).filter(({ leaf }) => leaf.kind === 'boolean'),
      1,
    );
    expect(inputs.distinct).toBe(2);
    expect([0, 1, 2].map((key) => String(inputs.body(key)))).toEqual([
      '{"instances":[{"a":1,"b":true}]}',
      '{"instances":[{"a":1,"b":false}]}',
      '{"instances":[{"a":1,"b":true}]}',
    ]);
  });

  test('lie below the example where they may not lie above', () => {
    const rows = rowsOf({ instances: [{ share: 1 }] });
    const variations: Variation[] = upwards(rows).map(({ leaf }) => ({ leaf, sign: -1 }));
    expect(JSON.parse(String(rows.inputs(variations, 1).body(3)))).toEqual({ instances: [{ share: -2 }] });
  });

  test('of tensors vary in their data, never in their shapes', () => {
    const rows = rowsOf({ inputs: [{ name: 'x', shape: [1, 2], datatype: 'FP32', data: [0, 5] }] });
    const body = JSON.parse(String(rows.inputs(upwards(rows), 1).body(1001)));
    expect(body).toEqual({ inputs: [{ name: 'x', shape: [1, 2], datatype: 'FP32', data: [0.00025, 5.00125] }] });
  });

  test('are not made from a body of another kind', () => {
    expect(JsonRows.of({ text: 'hello' })).toBeUndefined();
    expect(JsonRows.of([1])).toBeUndefined();
  });
});
