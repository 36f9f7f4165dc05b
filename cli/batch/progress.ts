import { counted } from '../../lib/spec/counted';
import type { BatchProgress } from '../../service/batch/run';

/** In a terminal one line that changes; elsewhere, such as in the log of a pod, lines from time to time. */
const TERMINAL_INTERVAL_MS = 200;
const LOG_INTERVAL_MS = 10_000;

/** Of a terminal: back to the beginning of the line, without what stands there. */
const ANEW = '\r\u001b[K';

export interface ProgressOutput {
  readonly isTTY?: boolean | undefined;
  write(text: string): unknown;
}

/** Tells on standard error how far a run is. */
export class ProgressLine {
  readonly #startedMs: number;
  #toldMs: number;
  #doneParts = 0;

  constructor(
    private readonly output: ProgressOutput,
    private readonly now: () => number,
  ) {
    this.#startedMs = now();
    this.#toldMs = this.#startedMs;
  }

  tell(progress: BatchProgress): void {
    this.#doneParts = progress.writtenParts + progress.foundParts;
    const nowMs = this.now();
    const isTerminal = this.output.isTTY === true;
    const isLast = progress.doneRows === progress.totalRows;
    if (!isLast && nowMs - this.#toldMs < (isTerminal ? TERMINAL_INTERVAL_MS : LOG_INTERVAL_MS)) return;
    this.#toldMs = nowMs;
    const text = describe(progress, (nowMs - this.#startedMs) / 1000);
    this.output.write(isTerminal ? `${ANEW}${text}${isLast ? '\n' : ''}` : `${text}\n`);
  }

  /** Of a run that was stopped, in place of the line that changes. */
  stopped(): string {
    const told = `stopped after ${counted(this.#doneParts, 'part', grouped(this.#doneParts))}; the same command goes on`;
    return this.output.isTTY === true ? `${ANEW}${told}` : told;
  }
}

function describe({ doneRows, foundRows, totalRows, rejectedRows }: BatchProgress, seconds: number): string {
  const percent = Math.floor((100 * doneRows) / totalRows);
  const ownRows = doneRows - foundRows;
  const rate = ownRows > 0 && seconds > 0 ? `, ${grouped(Math.round(ownRows / seconds))} rows/s` : '';
  const rejected = rejectedRows === 0 ? '' : `, ${grouped(rejectedRows)} rejected`;
  return `${grouped(doneRows)} of ${counted(totalRows, 'row', grouped(totalRows))} (${percent} %)${rate}${rejected}`;
}

/** 1234567 → `1,234,567` */
export function grouped(count: number): string {
  return count.toLocaleString('en-US');
}
