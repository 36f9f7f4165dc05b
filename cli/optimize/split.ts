import { sliceRows, type Tensor } from '../../service/tensor';
import { seeded } from '../load/schedule/random';
import { type EvaluationSet, joinedRows } from './evaluation-set';

/** Share of an evaluation set that is kept for calibration. */
const SHARE = 0.25;
/** Rows that are enough to learn the ranges of activations, and fewest that are; guides name 100 to 500. */
const MOST_ROWS = 256;
const LEAST_ROWS = 100;
/** The same rows in every run, so that two runs compare. */
const SEED = 1;

/** Rows that a quantiser learns the ranges of activations from. */
export interface Calibration {
  readonly requests: readonly (readonly Tensor[])[];
  readonly rows: number;
  /** Why candidates are judged by these rows, too; undefined where they are not. */
  readonly judgedBecause: string | undefined;
}

/** An evaluation set, divided. */
export interface Split {
  /** What every candidate is judged by, in the order of the source. */
  readonly judged: EvaluationSet;
  /** Where each judged row stands in the source, from 1. */
  readonly rowNumbers: readonly number[];
  readonly calibration: Calibration;
}

/**
 * Divides an evaluation set into rows to calibrate with and rows to judge by, whole groups where there are some. One too
 * small for that is judged by all its rows, which calibration then uses as well.
 */
export function splitForCalibration(set: EvaluationSet, isBatched: boolean): Split {
  const rows = rowsOf(set, isBatched);
  const drawn = draw(unitsOf(set, rows.length), Math.min(MOST_ROWS, Math.floor(rows.length * SHARE)));
  const rest = [...rows.keys()].filter((row) => !drawn.has(row));
  const requestsAt = (chosen: readonly number[]) =>
    joinedRows(
      chosen.flatMap((row) => [rows[row] ?? []]),
      isBatched,
    );
  const calibrationOn = (chosen: ReadonlySet<number>, judgedBecause?: string): Calibration => ({
    requests: requestsAt([...chosen].sort((a, b) => a - b)),
    rows: chosen.size,
    judgedBecause,
  });
  const shared = drawn.size < LEAST_ROWS ? tooSmall(set, rows.length) : oneLabel(set, rest);
  if (shared !== undefined) {
    const anyRows = [...rows.keys()].map((row) => [row]);
    const calibration = calibrationOn(draw(anyRows, MOST_ROWS), shared);
    return { judged: set, rowNumbers: [...rows.keys()].map((row) => row + 1), calibration };
  }
  const of = (values: readonly unknown[] | undefined) => values && rest.map((row) => values[row]);
  const judged = { ...set, requests: requestsAt(rest), labels: of(set.labels), groups: of(set.groups) };
  return { judged, rowNumbers: rest.map((row) => row + 1), calibration: calibrationOn(drawn) };
}

/** The rows of all requests, each alone; a request where the model is not batched is one. */
function rowsOf({ requests }: EvaluationSet, isBatched: boolean): (readonly Tensor[])[] {
  if (!isBatched) return [...requests];
  return requests.flatMap((request) =>
    Array.from({ length: request[0]?.shape[0] ?? 0 }, (_, row) =>
      request.map((tensor) => sliceRows(tensor, row, row + 1)),
    ),
  );
}

/** Rows that stay together: those of a group, which are ranked against each other; else each alone. */
function unitsOf({ groups }: EvaluationSet, rows: number): number[][] {
  const units = new Map<unknown, number[]>();
  for (let row = 0; row < rows; row += 1) {
    const key = groups === undefined ? row : groups[row];
    const unit = units.get(key);
    if (unit === undefined) units.set(key, [row]);
    else unit.push(row);
  }
  return [...units.values()];
}

/** Units at random, as many as stay within a number of rows. */
function draw(units: readonly (readonly number[])[], rows: number): Set<number> {
  const random = seeded(SEED);
  const shuffled = units.map((unit) => ({ unit, key: random() })).sort((a, b) => a.key - b.key);
  const drawn = new Set<number>();
  for (const { unit } of shuffled) {
    if (drawn.size + unit.length <= rows) for (const row of unit) drawn.add(row);
  }
  return drawn;
}

function tooSmall({ source, groups }: EvaluationSet, rows: number): string {
  const what = groups === undefined ? '' : ' in groups small enough';
  return `${source} has ${rows} rows, and keeping some apart for calibration takes ${LEAST_ROWS / SHARE}${what}`;
}

/** Metrics that tell two kinds apart need both among the rows that they are taken of. */
function oneLabel({ source, labels }: EvaluationSet, rest: readonly number[]): string | undefined {
  if (labels === undefined || new Set(labels).size < 2) return undefined;
  if (new Set(rest.map((row) => labels[row])).size > 1) return undefined;
  return `${source} has all rows of one label among those that calibration would take`;
}
