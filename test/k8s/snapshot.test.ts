import { expect, test } from '@jest/globals';
import { ALL_ON, SPECS } from './matrix';
import { synth } from './synth';

test.each(SPECS)('manifests of %s', (_, text) => {
  expect(synth(text, ALL_ON)).toMatchSnapshot();
});
