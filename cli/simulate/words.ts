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
