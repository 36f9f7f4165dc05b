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

/** @throws DocumentError for each pool whose objects' names would be too long, with its line */
export function checkNames(spec: Spec): void {
  const mistakes = spec.pools.flatMap(({ name }) => {
    const long = Object.values(poolNames(name)).find((derived) => derived.length > MAX_NAME);
    if (long === undefined) return [];
    const allowed = MAX_NAME - (long.length - name.length);
    const message = `found a name of ${name.length} characters, expected at most ${allowed}: '${long}' would exceed ${MAX_NAME}`;
    return [spec.source.mistakeAt(['pools', name], message)];
  });
  if (mistakes.length > 0) throw new DocumentError(spec.source.file, mistakes);
}

/** Recommended labels of Kubernetes on every object of a system. */
export function systemLabels(spec: Spec): Record<string, string> {
  return { 'app.kubernetes.io/part-of': spec.name };
}

export const POOL_NAME_LABEL = 'app.kubernetes.io/name';

/** What selects the pods of a pool; immutable once deployed, so nothing that changes may be in it. */
export function poolLabels(spec: Spec, pool: string): Record<string, string> {
  return { ...systemLabels(spec), [POOL_NAME_LABEL]: pool };
}
