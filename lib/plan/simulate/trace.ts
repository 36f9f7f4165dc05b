import { readFileSync } from 'node:fs';
import { PlanInputError, unreadable } from '../errors';

/** Recorded traffic at even intervals. */
export interface Trace {
  readonly intervalSeconds: number;
  /** Requests/s in each interval. */
  readonly qps: readonly number[];
}

const EXPECTED = 'expected two columns, a time (seconds, or ISO 8601) and requests/s';

/**
 * Reads a CSV trace: a time and requests/s a line, in order and at even intervals; a first line of names is skipped.
 * @throws PlanInputError with the line of the first gap, disorder or value that is no number
 */
export function loadTrace(file: string): Trace {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw unreadable('trace', file, error);
  }
  return parseTrace(text, file);
}

/** As {@link loadTrace}, from the text of the file. */
export function parseTrace(text: string, file: string): Trace {
  const rows = text
    .split(/\r?\n/)
    .map((content, i) => ({ line: i + 1, content: content.trim() }))
    .filter(({ content }) => content !== '');
  if (rows[0] !== undefined && /^[a-z"]/i.test(rows[0].content)) rows.shift();
  const points = rows.map(({ line, content }) => readPoint(content, `${file}:${line}`));
  const [first, second] = points;
  if (first === undefined || second === undefined) {
    throw new PlanInputError(`${file}: has ${points.length} rows, expected at least two to know their interval`);
  }
  const intervalSeconds = second.seconds - first.seconds;
  for (const [i, point] of points.entries()) checkInterval(point, points[i - 1], intervalSeconds);
  return { intervalSeconds, qps: points.map(({ qps }) => qps) };
}

interface Point {
  readonly seconds: number;
  readonly qps: number;
  readonly where: string;
}

function readPoint(content: string, where: string): Point {
  const [time = '', rate = '', ...more] = content.split(',').map((cell) => cell.trim());
  const seconds = /^-?[0-9.]+$/.test(time) ? Number(time) : Date.parse(time) / 1000;
  const qps = rate === '' ? Number.NaN : Number(rate);
  if (more.length > 0 || !Number.isFinite(seconds) || !Number.isFinite(qps)) {
    throw new PlanInputError(`${where}: found '${content}', ${EXPECTED}`);
  }
  if (qps < 0) throw new PlanInputError(`${where}: found ${qps} requests/s, expected 0 or more`);
  return { seconds, qps, where };
}

function checkInterval(point: Point, before: Point | undefined, intervalSeconds: number): void {
  if (before === undefined) return;
  const passed = point.seconds - before.seconds;
  if (passed <= 0) {
    throw new PlanInputError(
      `${point.where}: the time goes from ${before.seconds} to ${point.seconds} s, expected rising times`,
    );
  }
  if (Math.abs(passed - intervalSeconds) > intervalSeconds / 1000) {
    throw new PlanInputError(
      `${point.where}: ${passed} s since the row before, expected ${intervalSeconds} s as between the first two (a gap?)`,
    );
  }
}
