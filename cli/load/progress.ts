import { number } from '../report/numbers';
import type { Progress } from './drive';
import { milliseconds } from './words';

/** Without a terminal, one line for so many seconds. */
const PLAIN_INTERVAL_SECONDS = 10;

/** Where a person watches. */
export interface Screen {
  readonly isTTY?: boolean | undefined;
  /** Characters of a line. */
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

/** Shows each second of a run: in a terminal on one line that changes, else a line now and then. */
export function showProgress(screen: Screen): { onSecond: (progress: Progress) => void; end: () => void } {
  let toldSeconds = 0;
  let shown = false;
  return {
    onSecond: (progress) => {
      if (screen.isTTY) {
        // A line that the terminal breaks would not be overwritten as a whole.
        screen.write(`\r\x1b[K${progressLine(progress).slice(0, (screen.columns || 80) - 1)}`);
        shown = true;
      } else if (progress.seconds - toldSeconds >= PLAIN_INTERVAL_SECONDS) {
        screen.write(`${progressLine(progress)}\n`);
        toldSeconds = progress.seconds;
      }
    },
    end: () => {
      if (shown) screen.write('\r\x1b[K');
      shown = false;
      toldSeconds = 0;
    },
  };
}

function progressLine({ seconds, durationSeconds, recorders, outstanding }: Progress): string {
  const points = recorders.flatMap(({ points }) => points.slice(-1));
  const sum = (value: (point: (typeof points)[number]) => number) =>
    points.reduce((total, one) => total + value(one), 0);
  const p95Ms = Math.max(0, ...points.map((point) => point.p95Ms ?? 0));
  const lost = sum(({ refusedQps, failedQps }) => refusedQps + failedQps);
  return (
    `${Math.round(seconds)}/${Math.round(durationSeconds)} s  offered ${whole(sum(({ offeredQps }) => offeredQps))}/s  ` +
    `answered ${whole(sum(({ answeredQps }) => answeredQps))}/s  lost ${whole(lost)}/s  ` +
    `p95 ${milliseconds(p95Ms || undefined)} ms  on their way ${outstanding}`
  );
}

/** Requests of one second. */
function whole(qps: number): string {
  return number(Math.round(qps));
}
