import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { drawn } from '../../../scripts/architecture';

test('the pictures of docs/architecture.md are those of the platforms (else: npm run architecture)', () => {
  const page = readFileSync(join(__dirname, '../../../docs/architecture.md'), 'utf8');
  expect(drawn(page)).toBe(page);
});
