import { DocumentError } from '../lib/spec/errors';
import type { Spec } from '../lib/spec/load';

/** Longest name that works everywhere it turns up: as a label's value and as part of a DNS name (RFC 1123). */
const MAX_NAME = 63;

/** Names of the objects of a pool. */
export function poolNames(pool: string) {
  return {
    workload: pool,
    service: pool,
    autoscaler: `${pool}-hpa`,
    disruptionBudget: `${pool}-pdb`,
    config: `${pool}-config`,
    targetGroupBinding: pool,
  } as const;
}

/** Name of what the cache that replicas share consists of, where the cluster holds it. */
export const SHARED_CACHE_NAME = 'redis';

/** @throws DocumentError for each pool whose objects' names would be too long or those of others, with its line */
export function checkNames(spec: Spec): void {
  const mistakes = spec.pools.flatMap(({ name }) => {
    const long = Object.values(poolNames(name)).find((derived) => derived.length > MAX_NAME);
    if (long === undefined) return [];
    const allowed = MAX_NAME - (long.length - name.length);
    const message = `found a name of ${name.length} characters, expected at most ${allowed}: '${long}' would exceed ${MAX_NAME}`;
    return [spec.source.mistakeAt(['pools', name], message)];
  });
  if (spec.pools.some(({ name }) => name === SHARED_CACHE_NAME)) {
    const message = `found '${SHARED_CACHE_NAME}', expected another name: this one is kept for the shared cache`;
    mistakes.push(spec.source.mistakeAt(['pools', SHARED_CACHE_NAME], message));
  }
  if (mistakes.length > 0) throw new DocumentError(spec.source.file, mistakes);
}

/** Recommended labels of Kubernetes on every object of a system. */
export function systemLabels(spec: Spec): Record<string, string> {
  return { 'app.kubernetes.io/part-of': spec.name };
}

export const COMPONENT_LABEL = 'app.kubernetes.io/component';
/** Components: what serves predictions, what keeps them, and what makes them for files. */
export const INFERENCE_COMPONENT = 'inference';
export const CACHE_COMPONENT = 'cache';
export const BATCH_COMPONENT = 'batch';

export const POOL_NAME_LABEL = 'app.kubernetes.io/name';

/** What selects the pods of a pool; immutable once deployed, so nothing that changes may be in it. */
export function poolLabels(spec: Spec, pool: string): Record<string, string> {
  return { ...systemLabels(spec), [POOL_NAME_LABEL]: pool };
}
