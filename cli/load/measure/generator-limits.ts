import { number } from '../../report/numbers';
import type { GeneratorUse } from '../drive';

/** Above this share the event loop has no room for bursts. */
const BUSY_LOOP = 0.9;
/** Requests sent later than this would change an SLO of tens of milliseconds. */
const LATE_MS = 5;

/**
 * Where the generator and not the service was the limit, a sentence each. Late requests are charged to the service, as
 * latency counts from when they were due; so what was measured is then an upper bound.
 */
export function generatorLimits({ lateness, loopBusy }: Pick<GeneratorUse, 'lateness' | 'loopBusy'>): string[] {
  const limits: string[] = [];
  const lateMs = lateness.percentileMs(95) ?? 0;
  if (loopBusy > BUSY_LOOP) {
    limits.push(`its event loop was busy ${number(100 * loopBusy)} % of the time: it cannot send faster from one core`);
  }
  if (lateMs > LATE_MS) {
    limits.push(`one of 20 requests was sent ${number(lateMs)} ms or more after it was due: this machine is too busy`);
  }
  return limits;
}
