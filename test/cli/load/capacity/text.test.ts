import { expect, test } from '@jest/globals';
import { trialRows } from '../../../../cli/load/capacity/text';
import { trialOf } from './trial';

test.each([
  [{ holds: true }, 'holds'],
  [{ holds: false }, 'missed'],
  [{ holds: false, disturbance: 'other programs kept 1 of 2 cores busy meanwhile' }, 'missed, disturbed'],
])('a trial %j ends its row with %s', (changes, last) => {
  expect(trialRows([trialOf(100, changes)])[0]?.at(-1)).toBe(last);
});
