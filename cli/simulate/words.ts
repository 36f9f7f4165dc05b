import { SLO_SHARE } from '../../lib/plan/simulate/advice';
import { number, percent } from '../report/numbers';
import type { PoolReport, ReportedTotals } from './report';

/** Totals in one line. */
export function totalsLine({ withinSlo, requests, lost, maxP95Ms, maxReplicas, ...rest }: ReportedTotals): string {
  const cost = rest.costUsd === undefined ? '' : `, ${rest.costUsd.toFixed(2)} USD`;
  return (
    `${percent(withinSlo)} of ${number(requests)} requests within the SLO, ${number(lost)} lost, ` +
    `p95 up to ${number(maxP95Ms)} ms, up to ${maxReplicas} replicas (${number(rest.replicaHours)} replica-hours${cost})`
  );
}

/** The verdict on all pools, with what it goes by. */
export function verdictOf(holds: boolean): string {
  const share = `${number(100 * SLO_SHARE)} %`;
  return holds
    ? `It holds: in every pool at least ${share} of the requests are within the SLO, and none is lost.`
    : `It does not hold: in every pool at least ${share} of the requests must be within the SLO, and none may be lost.`;
}

/** What to change, a line each; empty for a pool that holds. */
export function adviceLines({ advice }: PoolReport): string[] {
  if (advice === undefined) return [];
  const changes = advice.changes.map(
    ({ setting, from, to, reason }) => `change ${setting}: ${from} → ${to} (${reason})`,
  );
  const afterwards = advice.afterwards === undefined ? [] : [`so changed: ${totalsLine(advice.afterwards)}`];
  const replan = advice.replan === undefined ? [] : [`then ${advice.replan} (the written plan goes before the spec)`];
  return [`why: ${advice.cause}`, ...changes, ...replan, ...afterwards];
}
