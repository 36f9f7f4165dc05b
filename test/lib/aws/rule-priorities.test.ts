import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { withPriorities } from '../../../lib/aws/rule-priorities';

const NAMES = fc.uniqueArray(fc.stringMatching(/^[a-z][-a-z0-9]{0,20}$/), { minLength: 1, maxLength: 100 });

function prioritiesOf(models: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    withPriorities(models.map((model) => ({ model }))).map(({ model, priority }) => [model, priority]),
  );
}

test('no two rules have one priority, and all are in the range of a load balancer', () => {
  fc.assert(
    fc.property(NAMES, (models) => {
      const priorities = Object.values(prioritiesOf(models));
      expect(new Set(priorities).size).toBe(models.length);
      for (const priority of priorities) {
        expect(priority).toBeGreaterThanOrEqual(1);
        expect(priority).toBeLessThanOrEqual(50_000);
      }
    }),
  );
});

test('the order of models in a spec changes nothing', () => {
  fc.assert(
    fc.property(NAMES, (models) => {
      expect(prioritiesOf([...models].reverse())).toEqual(prioritiesOf(models));
    }),
  );
});

test('a new model before all others leaves theirs as they were', () => {
  // GIVEN three models
  const before = prioritiesOf(['fraud', 'images', 'search']);
  // WHEN another comes
  const after = prioritiesOf(['a-new-one', 'fraud', 'images', 'search']);
  // THEN it alone is new
  expect(after).toEqual({ ...before, 'a-new-one': expect.any(Number) });
});
