import { type Slo, USE_CASES, type UseCase, type UseCaseName } from './use-cases';

/** Latencies that a model sets for itself, in place of its use case's. */
export interface SloOverride {
  readonly p95Ms?: number | undefined;
  readonly acceptableMs?: number | undefined;
}

/** The SLO of a model, or undefined where neither its use case nor the model itself sets all of it. */
export function effectiveSlo(useCase: UseCaseName, override: SloOverride = {}): Slo | undefined {
  const { slo }: UseCase = USE_CASES[useCase];
  const p95Ms = override.p95Ms ?? slo?.p95Ms;
  const acceptableMs = override.acceptableMs ?? slo?.acceptableMs;
  return p95Ms === undefined || acceptableMs === undefined ? undefined : { p95Ms, acceptableMs };
}

/** The SLO that holds for all of several: of each latency the lowest. Undefined if none has an SLO. */
export function strictestSlo(slos: readonly (Slo | undefined)[]): Slo | undefined {
  const given = slos.filter((slo) => slo !== undefined);
  if (given.length === 0) return undefined;
  return {
    p95Ms: Math.min(...given.map(({ p95Ms }) => p95Ms)),
    acceptableMs: Math.min(...given.map(({ acceptableMs }) => acceptableMs)),
  };
}
