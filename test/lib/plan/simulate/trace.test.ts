import { describe, expect, test } from '@jest/globals';
import { PlanInputError } from '../../../../lib/plan/errors';
import { loadTrace, parseTrace } from '../../../../lib/plan/simulate/trace';

function faultOf(text: string): string {
  try {
    parseTrace(text, 't.csv');
    return 'accepted';
  } catch (error) {
    if (!(error instanceof PlanInputError)) throw error;
    return error.message;
  }
}

describe('a trace', () => {
  test('is read with its interval, with or without names of columns', () => {
    const expected = { intervalSeconds: 60, qps: [10, 20.5, 0] };
    expect(parseTrace('0,10\n60,20.5\n120,0\n', 't.csv')).toEqual(expected);
    expect(parseTrace('time,requests\r\n0,10\r\n60,20.5\r\n120,0', 't.csv')).toEqual(expected);
  });

  test('may name its times by date', () => {
    expect(parseTrace('2026-11-24T10:00:00Z,1\n2026-11-24T10:00:10Z,2', 't.csv').intervalSeconds).toBe(10);
  });

  test.each([
    [
      'a gap',
      '0,1\n60,1\n180,1',
      't.csv:3: 120 s since the row before, expected 60 s as between the first two (a gap?)',
    ],
    ['disorder', '0,1\n60,1\n30,1', 't.csv:3: the time goes from 60 to 30 s, expected rising times'],
    ['the same time twice', '0,1\n0,1', 't.csv:2: the time goes from 0 to 0 s, expected rising times'],
    ['one row', 'time,qps\n0,1', 't.csv: has 1 rows, expected at least two to know their interval'],
    ['no row', '', 't.csv: has 0 rows, expected at least two to know their interval'],
    ['fewer than no requests', '0,1\n60,-1', 't.csv:2: found -1 requests/s, expected 0 or more'],
    [
      'words',
      '0,1\n60,many',
      "t.csv:2: found '60,many', expected two columns, a time (seconds, or ISO 8601) and requests/s",
    ],
    [
      'a third column',
      '0,1,2\n60,1,2',
      "t.csv:1: found '0,1,2', expected two columns, a time (seconds, or ISO 8601) and requests/s",
    ],
  ])('with %s is refused with its line', (_, text, message) => {
    expect(faultOf(text)).toBe(message);
  });

  test('that does not exist is refused', () => {
    expect(() => loadTrace('/nonexistent.csv')).toThrow('cannot read the trace /nonexistent.csv: it does not exist');
  });
});
