import type { Spec } from '../../lib/spec/load';
import { DEFAULT_CACHE_TTL_SECONDS } from '../../lib/spec/schema';
import { effectiveSlo } from '../../lib/spec/slo';
import type { Slo } from '../../lib/spec/use-cases';
import type { ServedModel } from '../repository/served-model';
import { type JoinedView, joinedViewOf } from './joined-view';

/** What is promised for a model, from headroom.yaml, else its model.yaml, else the defaults. */
export interface ServingPolicy {
  /** undefined: neither file names a use case with one. */
  readonly slo: Slo | undefined;
  /** Time a request may take where it brings no deadline of its own, in milliseconds. */
  readonly timeoutMs: number;
  /** How long a prediction may be answered again; 0: never, the cache is off. */
  readonly cacheTtlMs: number;
  /** Features that are joined by entity; undefined: the model takes only what requests bring. */
  readonly view: JoinedView | undefined;
}

/** Where no SLO says what still helps the caller. */
const DEFAULT_TIMEOUT_MS = 10_000;

/** The policy of a model version; `spec` wins over the model's own description. */
export function policyFor(model: ServedModel, spec: Spec | undefined): ServingPolicy {
  const { name, description } = model;
  const entry = spec?.models.find((one) => one.name === name);
  const described = description?.useCase === undefined ? undefined : effectiveSlo(description.useCase);
  const slo = entry === undefined ? described : entry.slo;
  const enabled = entry?.cache?.enabled ?? description?.cache?.enabled ?? true;
  const ttlSeconds = entry?.cache?.ttlSeconds ?? description?.cache?.ttlSeconds ?? DEFAULT_CACHE_TTL_SECONDS;
  return {
    slo,
    timeoutMs: slo?.acceptableMs ?? DEFAULT_TIMEOUT_MS,
    cacheTtlMs: enabled ? ttlSeconds * 1000 : 0,
    view: joinedViewOf(model, entry?.features),
  };
}
