import type { Origin } from '../../lib/plan/provenance';
import type { WrittenPlan } from '../../lib/plan/written-plan';
import type { Spec, SpecModel } from '../../lib/spec/load';
import { number } from '../report/numbers';
import type { Manifest } from './manifests';
import type { Finding } from './point';
import { unknown } from './point';
import type { Filed, Reports } from './reports';

/** All that points are judged by. */
export interface Evidence {
  readonly spec: Spec;
  readonly specFile: string;
  /** As it was written beside the spec, before which it goes. */
  readonly plan: WrittenPlan | undefined;
  readonly reports: Reports;
  readonly reportsFolder: string;
  readonly manifests: readonly Manifest[];
  readonly manifestsFolder: string;
  /** Checkout of Headroom in which manifests are made; undefined where that is the current folder. */
  readonly checkout: string | undefined;
  /** Digest of the artifact in a model's folder; undefined where it is not there. */
  readonly digestOf: (model: SpecModel) => string | undefined;
  /** How the artifact in a model's folder came out of another. */
  readonly originOf: (model: SpecModel) => Origin | undefined;
  readonly nowMs: number;
  /** Older evidence proves nothing. */
  readonly maxAgeDays: number;
}

const HOUR_MS = 3_600_000;

/** Models that requests ask for; others only serve batch jobs. */
export function loadedModels({ spec }: Evidence): readonly SpecModel[] {
  return spec.models.filter(({ peakQps }) => peakQps > 0);
}

/** `reports/load-….json, 3 h old`. */
export function source({ file, at }: Filed<unknown>, { nowMs }: Evidence): string {
  const hours = (nowMs - Date.parse(at)) / HOUR_MS;
  const age =
    hours < 1 ? 'less than 1 h' : hours < 48 ? `${number(Math.floor(hours))} h` : `${Math.floor(hours / 24)} days`;
  return `${file}, ${age} old`;
}

/** Why a report proves nothing about a model, or undefined where it may. */
export function disqualified(
  report: Filed<unknown>,
  digest: string | undefined,
  model: SpecModel | undefined,
  evidence: Evidence,
): Finding | undefined {
  const days = (evidence.nowMs - Date.parse(report.at)) / (24 * HOUR_MS);
  const who = model === undefined ? '' : `${model.name}: `;
  if (!(days <= evidence.maxAgeDays)) {
    return unknown(`${who}measured too long ago, at most ${evidence.maxAgeDays} days (${source(report, evidence)})`);
  }
  const deployed = model && evidence.digestOf(model);
  if (digest !== undefined && deployed !== undefined && digest !== deployed) {
    return unknown(
      `${who}measured with the artifact ${digest.slice(0, 12)}, ${deployed.slice(0, 12)} is deployed (${source(report, evidence)})`,
    );
  }
  return undefined;
}

/** Peak of a model that each of as few replicas as there may be has to carry. */
export function shareOfReplica({ pool, peakQps }: SpecModel, { spec }: Evidence): number {
  return peakQps / (spec.pools.find(({ name }) => name === pool)?.minReplicas ?? 1);
}

/** Whether a report is of a service on this machine, which is one replica and not the whole. */
export function isOneReplica(url: string): boolean {
  return /^https?:\/\/(localhost|127\.|\[::1\])/.test(url);
}
