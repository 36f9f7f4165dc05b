import { describe, expect, test } from '@jest/globals';
import Ajv, { type ValidateFunction } from 'ajv';
import { CUSTOM_RESOURCES } from './custom-resources';
import { ALL_ON, ALL_OUTSIDE, SPECS } from './matrix';
import kubernetes from './schemas/kubernetes-1.37.json';
import { type Manifest, SHOP, synth } from './synth';

const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
ajv.addSchema({ $id: 'kubernetes', ...kubernetes });
const validators = new Map<string, ValidateFunction>([
  ...Object.entries(kubernetes.kinds).map(([kind, pointer]): [string, ValidateFunction] => [
    kind,
    ajv.compile({ $ref: `kubernetes${pointer}` }),
  ]),
  ...Object.entries(CUSTOM_RESOURCES).map(([kind, schema]): [string, ValidateFunction] => [kind, ajv.compile(schema)]),
]);

/** What an API server would say of a manifest. */
function problems(manifest: Manifest): string[] {
  const { apiVersion, kind, metadata } = manifest;
  const validate = validators.get(`${apiVersion}/${kind}`);
  if (validate === undefined) return [`no schema for ${apiVersion}/${kind}`];
  validate(manifest);
  const found = (validate.errors ?? []).map(
    ({ instancePath, message, params }) =>
      `${kind} ${metadata.name}${instancePath} ${message} ${JSON.stringify(params)}`,
  );
  return [...found, ...nulls(manifest, `${kind} ${metadata.name}`)];
}

/** The API takes null for "not given", which is how a lost field looks. */
function nulls(value: unknown, path: string): string[] {
  if (value === null) return [`${path} is null`];
  if (typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, child]) => nulls(child, `${path}/${key}`));
}

describe('Kubernetes 1.37 takes every field of every manifest', () => {
  test.each(SPECS)('%s', (_, text) => {
    expect(synth(text, ALL_ON).flatMap(problems)).toEqual([]);
  });

  test.each(SPECS)('%s, with everything outside the cluster', (_, text) => {
    expect(synth(text, ALL_OUTSIDE).flatMap(problems)).toEqual([]);
  });

  test('without monitoring', () => {
    expect(synth(SHOP, { monitoring: 'none' }).flatMap(problems)).toEqual([]);
  });
});

describe('the check notices', () => {
  const [namespace] = synth(SHOP);
  if (namespace === undefined) throw new Error('nothing was synthesized');

  test('a field that Kubernetes does not know', () => {
    expect(problems({ ...namespace, spec: { finalisers: [] } })).toEqual([
      expect.stringContaining('must NOT have additional properties {"additionalProperty":"finalisers"}'),
    ]);
  });

  test('a field that was lost on the way', () => {
    expect(problems({ ...namespace, spec: { finalizers: [null] } })).toEqual([
      'Namespace shop/spec/finalizers/0 is null',
    ]);
  });

  test('a kind without a schema', () => {
    expect(problems({ ...namespace, kind: 'Namespaces' })).toEqual(['no schema for v1/Namespaces']);
  });
});
