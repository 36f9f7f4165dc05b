import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { areaUnderRoc, ndcgAt10 } from '../../../cli/optimize/ranking-metrics';

/** Few different scores, so that there are ties. */
const score = fc.constantFrom(0, 1, 2, 3, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY);

test('the area under the curve is the share of pairs in which the positive row is above, ties counting half', () => {
  const rows = fc.array(fc.tuple(score, fc.boolean()), { minLength: 2, maxLength: 30 });
  fc.assert(
    fc.property(rows, (list) => {
      const of = (wanted: boolean) => list.filter(([, positive]) => positive === wanted).map(([value]) => value);
      const pairs = of(true).flatMap((a) => of(false).map((b) => (a > b ? 1 : a === b ? 0.5 : 0)));
      fc.pre(pairs.length > 0);
      const share = pairs.reduce<number>((sum, won) => sum + won, 0) / pairs.length;
      const [scores, positive] = [list.map(([value]) => value), list.map(([, isPositive]) => isPositive)];
      expect(areaUnderRoc(scores, positive)).toBeCloseTo(share, 9);
    }),
  );
});

describe('the normalised gain', () => {
  const grades = [2, 1, 0, 0];

  test('is 1 for the best order and less for any other, whatever the order of the rows', () => {
    expect(ndcgAt10([4, 3, 2, 1], grades, [1, 1, 1, 1])).toBe(1);
    expect(ndcgAt10([3, 4, 2, 1], grades, [1, 1, 1, 1])).toBeLessThan(1);
    expect(ndcgAt10([1, 2, 3, 4], [...grades].reverse(), [1, 1, 1, 1])).toBe(1);
  });

  test('is the mean over groups, of which one without anything relevant counts 0', () => {
    expect(
      ndcgAt10(
        [4, 3, 2, 1],
        grades,
        ['a', 'a', 'b', 'b'].map((name) => name.charCodeAt(0)),
      ),
    ).toBe(0.5);
  });

  test('is 0 where no score is a number, even if the rows lie in the best order', () => {
    expect(
      ndcgAt10(
        grades.map(() => Number.NaN),
        grades,
        [1, 1, 1, 1],
      ),
    ).toBe(0);
  });
});
