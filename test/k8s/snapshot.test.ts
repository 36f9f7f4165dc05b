import { describe, expect, test } from '@jest/globals';
import { Yaml } from 'cdk8s';
import { ALL_ON, ALL_OUTSIDE, SPECS } from './matrix';
import { find, type Manifest, synth } from './synth';

/** Manifests as they would be applied, but for the dashboard, which is no more readable as JSON in YAML. */
function readable(manifests: readonly Manifest[]): string {
  const shown = manifests.map((manifest) =>
    manifest.metadata.name.startsWith('headroom-dashboard') ? { ...manifest, data: '(a dashboard)' } : manifest,
  );
  return Yaml.stringify(...shown);
}

describe('manifests of', () => {
  test.each(SPECS.filter(([title]) => /^(medium|keda)/.test(title)))('%s', (_, text) => {
    expect(readable(synth(text, ALL_ON))).toMatchSnapshot();
  });
});

test('manifests of medium on eks with everything outside the cluster', () => {
  const text = SPECS.find(([title]) => title === 'medium on eks')?.[1] ?? '';
  expect(readable(synth(text, ALL_OUTSIDE))).toMatchSnapshot();
});

describe('the dashboard', () => {
  test('of the example', () => {
    const { data } = find(synth(SPECS[0]?.[1] ?? ''), 'ConfigMap', 'headroom-dashboard-shop');
    expect(data?.['headroom-shop.json']).toMatchSnapshot();
  });
});

describe('the tier of a system', () => {
  test.each(SPECS.filter(([title]) => !title.startsWith('keda')))(
    'changes nothing but the peaks that the pods are told: %s',
    (title, text) => {
      const peakless = (spec: string) =>
        readable(synth(spec, ALL_ON))
          .replace(/peakQps: \d+/g, 'peakQps: …')
          .replace(/config-sha256: \w+/g, 'config-sha256: …');
      const medium = SPECS.find(([other]) => other === title.replace(/^\S+/, 'medium'))?.[1] ?? '';
      expect(peakless(text)).toBe(peakless(medium));
    },
  );
});
