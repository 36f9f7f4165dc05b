import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import Type from 'typebox';
import { acceptDocument, readDocument } from '../../../lib/spec/document';
import { DocumentError } from '../../../lib/spec/errors';

const STRICT = { additionalProperties: false };

const Pool = Type.Object(
  {
    hardware: Type.Enum(['cpu', 'gpu']),
    minReplicas: Type.Integer({ minimum: 1, maximum: 100, default: 2 }),
    cache: Type.Object({ enabled: Type.Boolean({ default: true }) }, { ...STRICT, default: {} }),
  },
  STRICT,
);

const Feature = Type.Union([
  Type.Object({ type: Type.Literal('number'), maximum: Type.Optional(Type.Number()) }, STRICT),
  Type.Object({ type: Type.Literal('category'), categories: Type.Array(Type.String(), { minItems: 1 }) }, STRICT),
]);

const Fleet = Type.Object(
  {
    name: Type.String({ pattern: '^[a-z]+$', patternErrorMessage: 'a name of lower-case letters' }),
    pools: Type.Record(Type.String({ pattern: '^[a-z]+$' }), Pool, STRICT),
    features: Type.Optional(Type.Array(Feature)),
    note: Type.Optional(Type.Union([Type.String(), Type.Integer()])),
  },
  STRICT,
);

/** The mistakes of a text as `line:column path: message`. */
function mistakesOf(text: string): string[] {
  try {
    readFleet(text);
    return [];
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    return error.mistakes.map(({ line, column, path, message }) => `${line}:${column} ${path}: ${message}`);
  }
}

/** The mistakes in lines added to a document that is right without them. */
function mistakesOfFeatures(...features: string[]): string[] {
  return mistakesOf(
    `name: shop\npools: {a: {hardware: cpu}}\nfeatures:\n${features.map((f) => `  - ${f}\n`).join('')}`,
  );
}

function readFleet(text: string) {
  return acceptDocument(Fleet, readDocument(Fleet, text), 'fleet.yaml');
}

describe('a good document', () => {
  test('comes back with the defaults of its schema, nested ones too', () => {
    expect(readFleet('name: shop\npools:\n  web: {hardware: gpu}\n')).toEqual({
      name: 'shop',
      pools: { web: { hardware: 'gpu', minReplicas: 2, cache: { enabled: true } } },
    });
  });

  test('may repeat a part by an alias, each copy on its own', () => {
    const fleet = readFleet('name: shop\npools: {a: &p {hardware: cpu}, b: *p}');
    expect(fleet.pools.b).toEqual(fleet.pools.a);
    expect(fleet.pools.b).not.toBe(fleet.pools.a);
  });

  test('shares no default with another', () => {
    const read = () => readFleet('name: shop\npools: {a: {hardware: cpu}, b: {hardware: cpu}}');
    const { a, b } = read().pools;
    expect(a?.cache).toEqual(b?.cache);
    expect(a?.cache).not.toBe(b?.cache);
    expect(a?.cache).not.toBe(read().pools.a?.cache);
  });

  test('may use names that objects inherit', () => {
    const text = 'name: shop\npools: {constructor: {hardware: cpu}}';
    expect(Object.keys(readFleet(text).pools)).toEqual(['constructor']);
  });
});

describe('a mistake', () => {
  test('is reported as file:line:column: path: found, expected', () => {
    expect(() => readFleet('name: shop\npools:\n  web:\n    hardware: tpu\n')).toThrow(
      "fleet.yaml:4:15: pools.web.hardware: found 'tpu', expected one of cpu, gpu",
    );
  });

  test('does not hide the others: all are listed in the order of their lines', () => {
    const text = `
nme: shop
pools:
  web: {hardware: cpuu, minReplicas: 0}
  API: {hardware: cpu}
  db: {minReplicas: two, hardware: gpu, cache: {enabled: 1}}
features: none
`;
    expect(mistakesOf(text)).toEqual([
      '2:1 name: is missing, expected a name of lower-case letters',
      "2:1 nme: found the unknown key 'nme', expected one of name, pools, features, note (did you mean name?)",
      "4:19 pools.web.hardware: found 'cpuu', expected one of cpu, gpu (did you mean cpu?)",
      '4:38 pools.web.minReplicas: found 0, expected a whole number from 1 to 100',
      "5:3 pools.API: found the name 'API', expected a name that matches /^[a-z]+$/",
      "6:21 pools.db.minReplicas: found 'two', expected a whole number from 1 to 100",
      '6:58 pools.db.cache.enabled: found 1, expected true or false',
      expect.stringMatching(/^7:11 features: found 'none', expected a list, each /),
    ]);
  });

  test('is found however many there are', () => {
    const pools = Array.from({ length: 50 }, (_, i) => `  p${'x'.repeat(i)}: {hardware: no}\n`).join('');
    expect(mistakesOf(`name: shop\npools:\n${pools}`)).toHaveLength(50);
  });

  test.each([
    ['minReplicas: 1.5', 'found 1.5, expected a whole number from 1 to 100'],
    ['minReplicas: .nan', 'found NaN, expected a whole number from 1 to 100'],
    ["minReplicas: '3'", "found '3', expected a whole number from 1 to 100"],
    ['minReplicas:', 'found nothing, expected a whole number from 1 to 100'],
    ['minReplicas: [1]', 'found a list of 1, expected a whole number from 1 to 100'],
    ['minReplicas: {a: 1}', 'found a mapping, expected a whole number from 1 to 100'],
    ['minReplicas: true', 'found true, expected a whole number from 1 to 100'],
  ])('in a value names what was found: %s', (line, message) => {
    expect(mistakesOf(`name: shop\npools:\n  web:\n    hardware: cpu\n    ${line}\n`)).toEqual([
      expect.stringMatching(new RegExp(`^5:\\d+ pools.web.minReplicas: ${message.replaceAll('.', '\\.')}$`)),
    ]);
  });

  test('of a mapping of names that is missing tells what it holds', () => {
    expect(mistakesOf('name: shop')).toEqual([
      '1:1 pools: is missing, expected a mapping of names, each for a mapping with hardware, minReplicas, cache',
    ]);
    expect(mistakesOf('name: shop\npools: 3')).toEqual([
      '2:8 pools: found 3, expected a mapping of names, each for a mapping with hardware, minReplicas, cache',
    ]);
  });

  test('of an empty document is what it should begin with', () => {
    expect(mistakesOf('')).toEqual([
      '1:1 : found nothing, expected a mapping with name, pools (optional: features, note)',
    ]);
  });

  test('in one alternative is told as a mistake in that one', () => {
    expect(mistakesOfFeatures('{type: category, categories: []}', '{type: number, max: 3}')).toEqual([
      '4:34 features[0].categories: found a list of 0, expected a list of at least 1 item, each text',
      expect.stringMatching(/^5:20 features\[1\]\.max: found the unknown key 'max'.*did you mean maximum/),
    ]);
  });

  test('in the property that tells alternatives apart names the alternatives', () => {
    expect(mistakesOfFeatures('{type: numbr}', '{maximum: 3}')).toEqual([
      "4:12 features[0].type: found 'numbr', expected one of number, category (did you mean number?)",
      '5:5 features[1].type: is missing, expected one of number, category',
    ]);
  });

  test('of kind names every kind that is allowed', () => {
    expect(mistakesOf('name: shop\npools: {}\nnote: [x]')).toEqual([
      '3:7 note: found a list of 1, expected text or a whole number',
    ]);
  });
});

describe('text that is not sound YAML', () => {
  test('is refused with the line', () => {
    expect(mistakesOf('name: shop\npools: {a: [1\nfeatures: 3')).toEqual([expect.stringMatching(/^3:1 : /)]);
  });

  test.each([
    ['name: shop\nfoo bar\npools: {}', "2:1 : found text that is no entry, expected 'key: value'"],
    ['name: shop\n\tpools: {}', '2:1 : found a tab at the beginning of a line, expected spaces'],
    ['name: a: b', "1:7 : found a second ': ' in one line, expected one entry a line, or quotes around the text"],
    ['name: "shop', '1:12 : a quoted text does not end, expected a closing "'],
    ['name: @shop', '1:7 : found a character with which no text may begin, expected quotes around it'],
    [
      'name: {a: 1 b: 2}',
      expect.stringMatching(/^1:\d+ : found a further ': ' or '- ' between brackets, expected a comma/),
    ],
  ])('is told in words of its own: %j', (text, mistake) => {
    expect(mistakesOf(text)).toEqual(expect.arrayContaining([mistake]));
  });

  test('is refused where a key stands twice, with both lines', () => {
    expect(mistakesOf('name: shop\npools: {}\nname: shop')).toEqual([
      "3:1 name: found the key 'name' again, first given in line 1",
    ]);
  });

  test('is refused with two documents in it', () => {
    expect(mistakesOf('name: a\npools: {}\n---\nname: b')).toHaveLength(1);
  });

  test('is refused with a tag, which could mean anything', () => {
    expect(mistakesOf('name: !secret shop\npools: {}')).toEqual([
      expect.stringMatching(/^1:7 : found a tag \('!…'\), expected plain values$/),
    ]);
  });

  test('is refused with a tag for binary data, which no schema here knows', () => {
    expect(mistakesOf('name: shop\npools: {}\nnote: !!binary aGVsbG8=')).toEqual([
      expect.stringMatching(/^3:7 : found a tag/),
    ]);
  });

  test('keeps to YAML 1.2 whatever version it declares', () => {
    expect(mistakesOf('%YAML 1.1\n---\nname: yes\npools: {}')).toEqual([]);
  });

  test('is refused when nested deeper than anything that someone wrote', () => {
    const depths = [100, 1000, 100_000];
    const texts = depths.map((depth) => `name: shop\npools: {}\nnote: ${'['.repeat(depth)}${']'.repeat(depth)}`);
    for (const text of texts) expect(mistakesOf(text).join()).toContain('is nested deeper than 64 levels');
  });

  test('is refused above a size that nobody writes', () => {
    expect(mistakesOf(`# ${'x'.repeat(5_000_000)}`)).toEqual([expect.stringMatching(/found 5000002 characters/)]);
  });
});

describe('aliases', () => {
  test('that grow exponentially are refused without being expanded', () => {
    const bomb = Array.from({ length: 30 }, (_, i) => `&a${i} [${Array(9).fill(i === 0 ? 'x' : `*a${i - 1}`)}]`);
    expect(mistakesOf(`name: shop\npools: {}\nnote: [${bomb}]`)).toEqual(
      expect.arrayContaining([expect.stringMatching(/aliases that repeat more than 10000 values/)]),
    );
  });

  test('that contain themselves are refused', () => {
    expect(mistakesOf('name: shop\npools: {}\nnote: &n [*n]')).toEqual(
      expect.arrayContaining([expect.stringMatching(/3:11 .* found the alias '\*n', which contains itself/)]),
    );
  });

  test('without an anchor are refused', () => {
    expect(mistakesOf('name: *n\npools: {}')).toContain(
      "1:7 name: found the alias '*n', but no anchor '&n' stands before it",
    );
  });
});

test('the key __proto__ is refused and changes nothing', () => {
  expect(mistakesOf('name: shop\npools: {}\n__proto__: {polluted: true}')).toEqual([
    "3:1 __proto__: found the key '__proto__', which is not allowed",
  ]);
  expect('polluted' in {}).toBe(false);
});

test('any text either is a document or yields at least one mistake with a place in the text', () => {
  const valid = 'name: shop\npools:\n  web: {hardware: cpu, minReplicas: 3}\nfeatures:\n  - {type: number}\n';
  const mutation = fc.tuple(
    fc.nat(valid.length),
    fc.nat(8),
    fc.oneof(fc.string(), fc.constantFrom(...'{}[]:&*!-\n\t"')),
  );
  fc.assert(
    fc.property(fc.array(mutation, { maxLength: 5 }), (mutations) => {
      let text = valid;
      for (const [at, cut, insert] of mutations) text = text.slice(0, at) + insert + text.slice(at + cut);
      const lineCount = text.split('\n').length;
      for (const mistake of mistakesOf(text)) {
        const [line = 0] = mistake.split(':').map(Number);
        expect(line).toBeGreaterThanOrEqual(1);
        expect(line).toBeLessThanOrEqual(lineCount);
      }
    }),
    { numRuns: 500 },
  );
});
