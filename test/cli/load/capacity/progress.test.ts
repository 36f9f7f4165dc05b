import { expect, test } from '@jest/globals';
import { expectedSeconds, searchProgress } from '../../../../cli/load/capacity/progress';
import { trialOf } from './trial';

test('the search tells how long it takes, then each trial by its number and rate', () => {
  const lines: string[] = [];
  const { begin, onTrial } = searchProgress((line) => lines.push(line));
  begin(340);
  onTrial('fraud', trialOf(100));
  onTrial('fraud', trialOf(200, { holds: false }));
  onTrial('fraud on 1', trialOf(50));
  expect(lines).toEqual([
    'this takes about 6 minutes on a quiet machine, and longer on a busy one',
    'fraud, trial 1: 100 requests/s, p95 3 ms: holds',
    'fraud, trial 2: 200 requests/s, p95 3 ms: missed',
    'fraud on 1, trial 1: 50 requests/s, p95 3 ms: holds',
  ]);
});

test('one model on two cores takes as many minutes as docs/load.md says', () => {
  const seconds = expectedSeconds({ models: 1, coreCounts: 1, stepSeconds: 4, warmUpSeconds: 2 });
  expect(seconds / 60).toBeGreaterThan(5);
  expect(seconds / 60).toBeLessThan(6.5);
});
