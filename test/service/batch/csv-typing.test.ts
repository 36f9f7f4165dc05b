import { expect, test } from '@jest/globals';
import { csvTyping } from '../../../service/batch/csv-typing';

test('columns of CSV are what the features of the model say; an empty field is none', () => {
  const typing = csvTyping([
    { name: 'age', type: 'integer' },
    { name: 'rich', type: 'boolean' },
    { name: 'home', type: 'category', categories: ['1'] },
  ]);
  expect({ ...typing({ age: '41', rich: '', home: '1', other: '7' }) }).toEqual({ age: 41, home: '1', other: '7' });
});
