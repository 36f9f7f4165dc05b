import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ServiceError } from '../../../service/errors';
import { compileFeatures } from '../../../service/model/features';
import { described, spec } from './support';

const CATEGORIES = ['a', 'b', 'constructor'];
const encoder = compileFeatures(
  described(
    'features:',
    '  - {name: n, type: number, minimum: -10, maximum: 10}',
    '  - {name: i, type: integer, optional: true}',
    '  - {name: toString, type: boolean, default: true}',
    '  - {name: c, type: category, categories: [a, b, constructor]}',
    '  - {name: t, type: text, input: t, default: none}',
    '  - {name: k, type: integer, input: k, minimum: 0}',
  ),
  { inputs: [spec('x', 'FP32', ['N', 4]), spec('t', 'BYTES', ['N']), spec('k', 'INT64', ['N', 1])], outputs: [] },
);

/** Leaves a key out or gives null now and then. */
function maybe<T>(value: fc.Arbitrary<T>): fc.Arbitrary<{ value?: T | null }> {
  return fc.oneof(
    { weight: 3, arbitrary: value.map((v) => ({ value: v })) },
    fc.constant({}),
    fc.constant({ value: null }),
  );
}

const valid = fc
  .record({
    n: fc.double({ min: -10, max: 10, noNaN: true }),
    i: maybe(fc.maxSafeInteger()),
    s: maybe(fc.boolean()),
    c: fc.constantFrom(...CATEGORIES),
    t: maybe(fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0'))),
    k: fc.maxSafeNat(),
    reversed: fc.boolean(),
  })
  .map(({ n, i, s, c, t, k, reversed }) => {
    const entries: [string, unknown][] = [
      ['n', n],
      ['c', c],
      ['k', k],
    ];
    for (const [name, field] of [
      ['i', i],
      ['toString', s],
      ['t', t],
    ] as const) {
      if ('value' in field) entries.push([name, field.value]);
    }
    return Object.fromEntries(reversed ? entries.reverse() : entries);
  });

/** What a reader of the description would write by hand. */
function reference(instances: readonly Record<string, unknown>[]) {
  const own = (instance: Record<string, unknown>, name: string, otherwise: unknown) =>
    (Object.hasOwn(instance, name) ? instance[name] : null) ?? otherwise;
  return {
    x: instances.flatMap((instance) => [
      Math.fround(Number(instance.n)),
      Math.fround(Number(own(instance, 'i', Number.NaN))),
      own(instance, 'toString', true) === true ? 1 : 0,
      CATEGORIES.indexOf(String(instance.c)),
    ]),
    t: instances.map((instance) => own(instance, 't', 'none')),
    k: instances.map((instance) => BigInt(Number(instance.k))),
  };
}

describe('the feature encoder', () => {
  test('gives what a naive reading of the description gives', () => {
    fc.assert(
      fc.property(fc.array(valid, { maxLength: 8 }), (instances) => {
        // WHEN
        const [x, t, k] = encoder?.encode(instances) ?? [];

        // THEN
        const expected = reference(instances);
        expect(x?.data).toEqual(Float32Array.from(expected.x));
        expect(t?.data).toEqual(expected.t);
        expect(k?.data).toEqual(BigInt64Array.from(expected.k));
      }),
    );
  });

  test('refuses anything else with 400 and nothing worse', () => {
    const anything = fc.anything({ withBigInt: true, withNullPrototype: true, withSparseArray: true, withDate: true });
    const nearly = fc.tuple(
      valid,
      fc.dictionary(fc.constantFrom('n', 'i', 'toString', 'c', 't', 'k', 'z', '__proto__'), anything),
    );
    const instance = fc.oneof(
      anything,
      nearly.map(([good, change]) => ({ ...good, ...change })),
    );
    fc.assert(
      fc.property(fc.oneof(anything, fc.array(instance)), (instances) => {
        try {
          encoder?.encode(instances);
        } catch (error) {
          expect(error).toBeInstanceOf(ServiceError);
          expect(error).toMatchObject({ statusCode: 400 });
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('refuses any instance with one value of the wrong kind, naming its feature', () => {
    const wrong: Record<string, unknown[]> = {
      n: ['1', true, 11, {}, [], null],
      i: ['1', 0.5, false],
      toString: [0, 'true'],
      c: ['d', 0, 'toString', null],
      t: [1, '\ud800', '\0'],
      k: [-1, 2 ** 53, '1', null],
    };
    const change = fc
      .constantFrom(...Object.keys(wrong))
      .chain((name) => fc.constantFrom(...(wrong[name] ?? [])).map((value) => ({ name, value })));
    fc.assert(
      fc.property(fc.array(valid), valid, fc.array(valid), change, (before, one, after, { name, value }) => {
        const instances = [...before, { ...one, [name]: value }, ...after];
        expect(() => encoder?.encode(instances)).toThrow(`instance ${before.length}: '${name}' is `);
      }),
    );
  });
});
