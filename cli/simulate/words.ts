import type { Figure } from '../../lib/plan/replica';
import type { PoolReport, ReportedTotals } from './report';

/** A number for a person: thousands apart, no more digits than matter. */
export function number(value: number): string {
  return Number(value.toPrecision(value >= 1000 ? 6 : 3)).toLocaleString('en-US');
}

/** A share as percent, never rounded up to a whole that it is not. */
export function percent(share: number): string {
  return `${(Math.floor(share * 10_000) / 100).toFixed(2)} %`;
}

/** A time from the beginning, as 16:00 or 10 min. */
export function duration(seconds: number): string {
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7200 ? `${number(seconds / 60)} min` : `${number(seconds / 3600)} h`;
}

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
  return [`why: ${advice.cause}`, ...changes, ...afterwards];
}

/** A figure and where it comes from. */
export function figureLine({ name, value, unit, source, detail }: Figure): string {
  return `${source.padEnd(8)}  ${name}: ${number(value)}${unit === '' ? '' : ` ${unit}`} (${detail})`;
}
