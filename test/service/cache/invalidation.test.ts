import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeInvalidation, encodeInvalidation, type Invalidation } from '../../../service/cache/invalidation';

const invalidations: fc.Arbitrary<Invalidation> = fc.oneof(
  fc.record({ model: fc.string(), scope: fc.constant('model' as const) }),
  fc.record({ model: fc.string(), scope: fc.constant('rows' as const), keys: fc.array(fc.string()) }),
  fc.record({ model: fc.string(), scope: fc.constant('entity' as const), entity: fc.string() }),
);

test('an invalidation arrives as it was sent', () => {
  fc.assert(
    fc.property(invalidations, (invalidation) => {
      expect(decodeInvalidation(encodeInvalidation(invalidation))).toEqual(invalidation);
    }),
  );
});

test('any other message is none', () => {
  fc.assert(fc.property(fc.string(), (message) => expect(decodeInvalidation(message)).toBeUndefined()));
  fc.assert(fc.property(fc.json(), (message) => expect(decodeInvalidation(message)).toBeUndefined()));
  const wrong = [
    { model: 7, scope: 'model' },
    { model: 'm', scope: 'rows', keys: [1] },
    { model: 'm', scope: 'all' },
  ];
  for (const each of wrong) expect(decodeInvalidation(JSON.stringify(each))).toBeUndefined();
});
