import { expect, test } from '@jest/globals';
import type { Progress } from '../../../cli/load/drive';
import { Recorder } from '../../../cli/load/measure/recorder';
import { showProgress } from '../../../cli/load/progress';

const SECOND: Progress = { seconds: 1, durationSeconds: 30, recorders: [new Recorder()], outstanding: 12_345 };

test('progress in a narrow terminal stays on one line, which alone can be overwritten', () => {
  // GIVEN a terminal of 40 columns
  const written: string[] = [];
  const screen = { isTTY: true, columns: 40, write: (text: string) => written.push(text) };
  showProgress(screen).onSecond(SECOND);
  // THEN what is seen of the line, after the codes that clear it, is shorter than that
  expect(written.join('').split('\x1b[K')[1]).toHaveLength(39);
});
