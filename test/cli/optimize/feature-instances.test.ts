import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { featureInstances } from '../../../cli/optimize/feature-instances';
import { csvTyping } from '../../../service/batch/csv-typing';
import type { Feature } from '../../../service/model/schema';

const FEATURES: Feature[] = [
  { name: 'age', type: 'integer', optional: true },
  { name: 'income', type: 'number', optional: true },
  { name: 'rich', type: 'boolean', optional: true },
  { name: 'home', type: 'category', categories: ['owner'], optional: true },
];

test('a table is judged by the instances that a batch run makes of it', () => {
  const cell = fc.oneof(
    fc.constantFrom('', ' ', '41', ' 1', '0x10', 'TRUE', '0', 'owner', ' owner', '1e400'),
    fc.string(),
  );
  const record = fc.record({ age: cell, income: cell, rich: cell, home: cell });
  const typing = csvTyping(FEATURES);
  fc.assert(
    fc.property(record, (row) => {
      expect(featureInstances([row], FEATURES)).toEqual([{ ...typing(row) }]);
    }),
  );
});

test('truth values may be numbers, as Parquet of other programs has them', () => {
  expect(featureInstances([{ rich: 1 }, { rich: 2 }], FEATURES)).toEqual([{ rich: true }, { rich: '2' }]);
});
