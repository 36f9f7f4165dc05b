import { describe, expect, test } from '@jest/globals';
import { compileFeatures, type FeatureEncoder } from '../../../service/model/features';
import type { TensorSpec } from '../../../service/tensor';
import { described, mistakesOf, refusalOf, spec } from './support';

function encoderOf(features: readonly string[], ...inputs: TensorSpec[]): FeatureEncoder {
  const encoder = compileFeatures(described('features:', ...features), { inputs, outputs: [] });
  if (encoder === undefined) throw new Error('no features');
  return encoder;
}

const MIXED = [
  '  - {name: seniority, type: integer, minimum: 0}',
  '  - {name: home, type: category, categories: [owner, rent, parents]}',
  '  - {name: income, type: number, optional: true}',
  '  - {name: existing, type: boolean, default: true}',
];

describe('features as columns of one input', () => {
  test('become one row per instance, in the order of the description', () => {
    // GIVEN
    const encoder = encoderOf(MIXED, spec('x', 'FP32', ['N', 4]));

    // WHEN
    const tensors = encoder.encode([
      { existing: false, income: 1.5, home: 'parents', seniority: 9 },
      { seniority: 0, home: 'owner', income: null },
    ]);

    // THEN
    expect(tensors).toEqual([
      { datatype: 'FP32', shape: [2, 4], data: Float32Array.of(9, 2, 1.5, 0, 0, 0, Number.NaN, 1) },
    ]);
  });

  test('of a part of many instances are told of by their number among all', () => {
    const encoder = encoderOf(MIXED, spec('x', 'FP32', ['N', 4]));
    const part = [{ seniority: 0, home: 'owner' }, { home: 'owner' }];
    expect(refusalOf(() => encoder.encode(part, 256))).toContain("instance 257: 'seniority' is missing");
  });

  test('give no rows for an empty list', () => {
    expect(encoderOf(MIXED, spec('x', 'FP32', ['N', 4])).encode([])).toEqual([
      { datatype: 'FP32', shape: [0, 4], data: new Float32Array() },
    ]);
  });

  test('take the place of a null by their default', () => {
    const encoder = encoderOf(['  - {name: a, type: integer, default: 7}'], spec('x', 'FP64', ['N', 1]));
    expect(encoder.encode([{ a: null }])[0]?.data).toEqual(Float64Array.of(7));
  });

  test('are written as half-precision bits where the input holds those', () => {
    const encoder = encoderOf(['  - {name: a, type: number}'], spec('x', 'FP16', ['N', 1]));
    expect(encoder.encode([{ a: 1 }, { a: -2 }])[0]?.data).toEqual(Uint16Array.of(0x3c00, 0xc000));
  });
});

describe('features with inputs of their own', () => {
  const encoder = encoderOf(
    [
      '  - {name: city, type: text, input: city}',
      '  - {name: a, type: number}',
      '  - {name: user, type: integer, input: user}',
      '  - {name: kind, type: category, categories: [x, y], input: kind}',
      '  - {name: b, type: number}',
      '  - {name: seen, type: boolean, input: seen}',
    ],
    spec('user', 'INT64', ['N']),
    spec('numbers', 'FP32', ['N', 2]),
    spec('city', 'BYTES', ['N', 1]),
    spec('kind', 'BYTES', ['N', 1]),
    spec('seen', 'BOOL', ['N', 1]),
  );

  test("feed them in the inputs' own types and shapes, in the order of the signature", () => {
    expect(encoder.encode([{ city: 'Łódź', a: 1, user: 2 ** 53 - 1, kind: 'y', b: 2, seen: true }])).toEqual([
      { datatype: 'INT64', shape: [1], data: BigInt64Array.of(9007199254740991n) },
      { datatype: 'FP32', shape: [1, 2], data: Float32Array.of(1, 2) },
      { datatype: 'BYTES', shape: [1, 1], data: ['Łódź'] },
      { datatype: 'BYTES', shape: [1, 1], data: ['y'] },
      { datatype: 'BOOL', shape: [1, 1], data: Uint8Array.of(1) },
    ]);
  });

  test('refuse text that the model would not get as it is', () => {
    const good = { city: 'x', a: 1, user: 1, kind: 'y', b: 2, seen: true };
    for (const city of ['a\0b', '\ud800']) {
      expect(refusalOf(() => encoder.encode([{ ...good, city }]))).toContain(
        'expected text without NUL and lone surrogates',
      );
    }
  });

  test('refuse a category that is not among those allowed', () => {
    const instance = { city: 'x', a: 1, user: 1, kind: 'z', b: 2, seen: true };
    expect(refusalOf(() => encoder.encode([instance]))).toContain(`'kind' is "z", expected one of x, y`);
  });

  test('are named in the order of the description where they are missing', () => {
    const missing = refusalOf(() => encoder.encode([{}])).matchAll(/'(\w+)' is missing/g);
    expect(Array.from(missing, ([, name]) => name)).toEqual(['city', 'a', 'user', 'kind', 'b', 'seen']);
  });

  test('refuse integers that JSON does not carry exactly', () => {
    const instance = { city: 'x', a: 1, user: 2 ** 53, kind: 'y', b: 2, seen: true };
    expect(refusalOf(() => encoder.encode([instance]))).toBe(
      "400 instances do not fit the model: instance 0: 'user' is 9007199254740992, " +
        'expected a whole number of at most 9007199254740991',
    );
  });
});

describe('bad instances', () => {
  const encoder = encoderOf(MIXED, spec('x', 'FP32', ['N', 4]));
  const good = { seniority: 1, home: 'owner' };

  test('are refused with everything that is wrong with them in one message', () => {
    expect(refusalOf(() => encoder.encode([good, { hom: 'owner', seniority: '3', income: [1] }, 7, null, []]))).toBe(
      '400 instances do not fit the model: ' +
        "instance 1: 'hom' is not a feature of this model (did you mean 'home'?); " +
        `instance 1: 'seniority' is "3", expected a whole number of at least 0; ` +
        "instance 1: 'home' is missing, expected one of owner, rent, parents; " +
        "instance 1: 'income' is a list, expected a number; " +
        'instance 2 is 7, expected an object of features; ' +
        'instance 3 is null, expected an object of features; ' +
        'instance 4 is a list, expected an object of features',
    );
  });

  test.each<[string, Record<string, unknown>, string]>([
    [
      'a negative number below the minimum',
      { seniority: -1 },
      "'seniority' is -1, expected a whole number of at least 0",
    ],
    ['a fraction', { seniority: 1.5 }, "'seniority' is 1.5, expected a whole number of at least 0"],
    ['an unknown category', { home: 'Rent' }, `'home' is "Rent", expected one of owner, rent, parents`],
    ['a category of another kind', { home: 1 }, "'home' is 1, expected one of owner, rent, parents"],
    ['a number for a boolean', { existing: 1 }, "'existing' is 1, expected true or false"],
    ['a boolean for a number', { income: true }, "'income' is true, expected a number"],
    [
      'an infinite number',
      { income: Number.POSITIVE_INFINITY },
      "'income' is Infinity, expected a number of at most 3.4028234663852886e+38",
    ],
    ['a number beyond single precision', { income: -1e39 }, "'income' is -1e+39, expected a number of at least -3.4"],
    ['an unknown name far from any', { xyz: 1 }, "'xyz' is not a feature of this model (expected seniority, home, inc"],
    ['an object', { income: {} }, "'income' is an object, expected a number"],
    ['a missing required feature as null', { home: null }, "'home' is missing, expected one of owner, rent, parents"],
  ])('with %s are refused', (_, change, expected) => {
    expect(refusalOf(() => encoder.encode([{ ...good, ...change }]))).toContain(`instance 0: ${expected}`);
  });

  test('that are no list are refused', () => {
    for (const instances of [undefined, null, 7, 'x', {}, { length: 1 }]) {
      expect(refusalOf(() => encoder.encode(instances))).toMatch(/^400 instances is .*, expected a list of objects/);
    }
  });

  test('are quoted shortly, however large they are', () => {
    // GIVEN
    const text = 'x'.repeat(1_000_000);

    // WHEN
    const refusal = refusalOf(() => encoder.encode([{ home: text, [text]: 1, seniority: 1 }]));

    // THEN
    expect(refusal.length).toBeLessThan(500);
  });

  test('are quoted on one line', () => {
    expect(refusalOf(() => encoder.encode([{ ...good, 'a\nb\u2028c': 1 }]))).toContain("'a b c' is not a feature");
  });

  test('beyond the twentieth mistake are only counted', () => {
    // WHEN
    const refusal = refusalOf(() => encoder.encode(Array.from({ length: 5000 }, () => ({ home: 'owner' }))));

    // THEN
    expect(refusal).toContain('instance 19:');
    expect(refusal).not.toContain('instance 20:');
    expect(refusal).toMatch(/; and 4980 more$/);
  });

  test('in a number that would claim memory without bound are refused', () => {
    const instances = new Array(1_000_001).fill({});
    expect(refusalOf(() => encoder.encode(instances))).toBe(
      '400 found 1000001 instances, expected at most 1000000 in one request',
    );
  });
});

describe('names that every object seems to have', () => {
  test('are features like any other', () => {
    // GIVEN
    const encoder = encoderOf(
      ['  - {name: __proto__, type: integer}', '  - {name: constructor, type: integer, default: 5}'],
      spec('x', 'FP32', ['N', 2]),
    );

    // WHEN
    const given = encoder.encode(JSON.parse('[{"__proto__": 1, "constructor": 2}, {"__proto__": 3}]'));
    const missing = refusalOf(() => encoder.encode([{}]));

    // THEN
    expect(given[0]?.data).toEqual(Float32Array.of(1, 2, 3, 5));
    expect(missing).toContain("'__proto__' is missing");
  });

  test('are unknown where they are no features', () => {
    const encoder = encoderOf(['  - {name: a, type: integer}'], spec('x', 'FP32', ['N', 1]));
    for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
      expect(refusalOf(() => encoder.encode(JSON.parse(`[{"a": 1, "${name}": 2}]`)))).toContain(
        `'${name}' is not a feature`,
      );
    }
  });
});

describe('features that do not fit the model', () => {
  test.each<[string, string[], TensorSpec[], string[]]>([
    [
      'too few for the columns',
      ['  - {name: a, type: number}', '  - {name: b, type: number}'],
      [spec('x', 'FP32', ['', 3])],
      ["2: features: give 2 columns, but input 'x' has shape [?, 3]"],
    ],
    [
      'for an unknown input',
      ['  - {name: a, type: number, input: y}'],
      [spec('x', 'FP32', ['N', 1])],
      [
        "2: features: leaves the model's input 'x' without values",
        "2: features[0].input: found 'y', expected an input of the model: x",
      ],
    ],
    [
      'for an input that is a picture',
      ['  - {name: a, type: number}'],
      [spec('x', 'FP32', ['N', 3, 8, 8])],
      ["2: features[0]: feed input 'x' of shape [N, 3, 8, 8], expected rows of single values: [N] or [N, columns]"],
    ],
    [
      'without saying which of several inputs',
      ['  - {name: a, type: number}'],
      [spec('x', 'FP32', ['N', 1]), spec('y', 'FP32', ['N', 1])],
      ['2: features: must name their inputs, since the model has several: x, y'],
    ],
    [
      'without an input left',
      ['  - {name: a, type: number, input: x}', '  - {name: b, type: number}'],
      [spec('x', 'FP32', ['N', 1])],
      ['3: features[1]: needs an input, since other features name all inputs of the model'],
    ],
    [
      'of types that the inputs do not take',
      [
        '  - {name: a, type: text, input: a}',
        '  - {name: b, type: number, input: b}',
        '  - {name: c, type: integer, input: c}',
        '  - {name: d, type: integer, input: d}',
      ],
      [spec('a', 'FP32', ['N']), spec('b', 'INT64', ['N']), spec('c', 'BOOL', ['N']), spec('d', 'BYTES', ['N'])],
      [
        "2: features[0].type: found text, but input 'a' is FP32, which takes no text",
        "3: features[1].type: found number, but input 'b' is INT64, which takes integer, boolean or category",
        "4: features[2].type: found integer, but input 'c' is BOOL, which takes boolean",
        "5: features[3].type: found integer, but input 'd' is BYTES, which takes text or category",
      ],
    ],
    [
      'of more categories than the input tells apart',
      [`  - {name: a, type: category, categories: [${Array.from({ length: 257 }, (_, i) => `c${i}`)}]}`],
      [spec('x', 'UINT8', ['N', 1])],
      ["2: features[0].type: found category, but input 'x' is UINT8, too narrow for 257 categories"],
    ],
    [
      'that may be left out of an input without NaN',
      ['  - {name: a, type: integer, optional: true}'],
      [spec('x', 'INT32', ['N', 1])],
      ["2: features[0].optional: needs a default to be optional, since input 'x' is INT32, which has no NaN"],
    ],
    [
      "with a default beyond the input's type",
      ['  - {name: a, type: integer, default: 300}'],
      [spec('x', 'UINT8', ['N', 1])],
      ['2: features[0].default: found 300, expected a whole number of at most 255'],
    ],
  ])('%s are told with their lines', (_, features, inputs, expected) => {
    expect(mistakesOf(() => encoderOf(features, ...inputs))).toEqual(expected);
  });
});
