import { Type } from 'typebox';

/** Service-level objective of predictions, end to end as the caller's load balancer sees it. */
export interface Slo {
  /** 95 of 100 requests are answered within this time. */
  readonly p95Ms: number;
  /** Longest time that still helps the caller; a request that takes longer is refused or given up. */
  readonly acceptableMs: number;
}

export interface UseCase {
  readonly title: string;
  /** Undefined where jobs, not requests, bring the rows: such work is judged by when the whole is done. */
  readonly slo: Slo | undefined;
  /** Below this latency nothing is gained for the user. */
  readonly acceptableFromMs: number | undefined;
}

/** What each kind of use asks of latency. */
export const USE_CASES = {
  recommendations: {
    title: 'real-time recommendations',
    slo: { p95Ms: 50, acceptableMs: 100 },
    acceptableFromMs: 20,
  },
  'search-ranking': { title: 'search ranking', slo: { p95Ms: 100, acceptableMs: 200 }, acceptableFromMs: 50 },
  'fraud-detection': { title: 'fraud detection', slo: { p95Ms: 100, acceptableMs: 200 }, acceptableFromMs: 50 },
  'image-classification': {
    title: 'image classification',
    slo: { p95Ms: 200, acceptableMs: 500 },
    acceptableFromMs: 100,
  },
  'batch-predictions': {
    title: 'batch predictions (minutes to hours, by SLA)',
    slo: undefined,
    acceptableFromMs: undefined,
  },
} as const satisfies Record<string, UseCase>;

export type UseCaseName = keyof typeof USE_CASES;

export const USE_CASE_NAMES: readonly UseCaseName[] = Object.keys(USE_CASES).filter(isUseCaseName);

/** Schema of the name of a use case, for every file in which one is chosen. */
export const UseCaseId = Type.Enum([...USE_CASE_NAMES], {
  description: `What the predictions are for; sets the SLO. ${describeSlos()}`,
});

/** True for a name in {@link USE_CASES}. */
export function isUseCaseName(name: string): name is UseCaseName {
  return Object.hasOwn(USE_CASES, name);
}

function describeSlos(): string {
  const slos = Object.entries<UseCase>(USE_CASES).map(([name, { slo }]) =>
    slo === undefined ? `${name}: none` : `${name}: p95 ${slo.p95Ms} ms, acceptable up to ${slo.acceptableMs} ms`,
  );
  return `${slos.join('; ')}.`;
}
