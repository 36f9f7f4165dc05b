import type { Evidence } from './evidence';
import type { Point, State } from './point';
import { worst } from './point';
import { coldStartPoint, throughputPoint, utilisationPoint } from './points/capacity-points';
import { autoscalingPoint, monitoringPoint, optimisedPoint } from './points/configuration-points';
import { cachingPoint, latencyPoint, loadTestPoint } from './points/load-points';

/** What `headroom checklist --json` prints. */
export interface Checklist {
  readonly report: 'checklist';
  /** ISO 8601. */
  readonly at: string;
  readonly spec: string;
  /** Fail if any point fails, else unknown if any is. */
  readonly state: State;
  readonly points: readonly Point[];
}

/** The nine points in their order. */
export function checklist(evidence: Evidence): Checklist {
  const points = [
    latencyPoint(evidence),
    throughputPoint(evidence),
    autoscalingPoint(evidence),
    cachingPoint(evidence),
    optimisedPoint(evidence),
    loadTestPoint(evidence),
    monitoringPoint(evidence),
    coldStartPoint(evidence),
    utilisationPoint(evidence),
  ];
  return {
    report: 'checklist',
    at: new Date(evidence.nowMs).toISOString(),
    spec: evidence.spec.name,
    state: worst(points.map(({ state }) => state)),
    points,
  };
}
