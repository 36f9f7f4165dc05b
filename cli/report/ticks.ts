/** How values lie along an axis; time in seconds has steps of its own, a log axis begins above 0. */
export type Axis = 'linear' | 'time' | 'log';

/** Marks on an axis, at most this many. */
const MOST = 7;
const ROUND = [1, 2, 5, 10];
/** Seconds, minutes, hours and days as people count them. */
const TIME_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400];

/** Round values between two others at which an axis is marked, in rising order. */
export function ticks(axis: Axis, from: number, to: number, most = MOST): number[] {
  if (axis === 'log') {
    const marks = logTicks(from, to);
    // Within half a decade a log axis hardly differs from a linear one.
    if (marks.length >= 3) return thinned(marks, most);
  }
  const step = (axis === 'time' ? timeStep(to - from, most) : undefined) ?? roundStep(to - from, most);
  if (!(step > 0)) return [from];
  const first = Math.ceil(from / step - 1e-9);
  const last = Math.floor(to / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => withoutNoise((first + i) * step));
}

function timeStep(span: number, most: number): number | undefined {
  // Parts of a second are counted in tens.
  if (span < 2) return undefined;
  return TIME_STEPS.find((step) => span / step <= most - 1);
}

function roundStep(span: number, most: number): number {
  const least = span / (most - 1);
  const decade = 10 ** Math.floor(Math.log10(least));
  return decade * (ROUND.find((round) => round * decade >= least * (1 - 1e-9)) ?? 10);
}

function logTicks(from: number, to: number): number[] {
  const marks: number[] = [];
  for (let power = Math.floor(Math.log10(from)); 10 ** power <= to; power++) {
    for (const round of [1, 2, 5]) {
      const value = withoutNoise(round * 10 ** power);
      if (value >= from && value <= to) marks.push(value);
    }
  }
  return marks;
}

/** Powers of ten alone, and of those every second or third, where there are too many. */
function thinned(marks: readonly number[], most: number): number[] {
  if (marks.length <= most) return [...marks];
  const decades = marks.filter((value) => Number.isInteger(Math.round(Math.log10(value) * 1e9) / 1e9));
  const every = Math.ceil(decades.length / most);
  return decades.filter((_, i) => i % every === 0);
}

function withoutNoise(value: number): number {
  return Number(value.toPrecision(12));
}
