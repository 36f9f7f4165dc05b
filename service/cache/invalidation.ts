/** The channel in Redis on which every replica listens. */
export const INVALIDATION_CHANNEL = 'headroom:invalidate';

/** What is to be forgotten, of one model: everything, single rows, or all rows predicted for an entity. */
export type Invalidation = { readonly model: string } & (
  | { readonly scope: 'model' }
  | { readonly scope: 'rows'; readonly keys: readonly string[] }
  | { readonly scope: 'entity'; readonly entity: string }
);

/** The message that tells other replicas. */
export function encodeInvalidation(invalidation: Invalidation): string {
  return JSON.stringify(invalidation);
}

/** The invalidation, or undefined where the message is something else: anyone may publish in a shared Redis. */
export function decodeInvalidation(message: string): Invalidation | undefined {
  let value: unknown;
  try {
    value = JSON.parse(message);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  if (!('model' in value) || typeof value.model !== 'string' || !('scope' in value)) return undefined;
  const { model, scope } = value;
  if (scope === 'model') return { model, scope };
  if (scope === 'entity' && 'entity' in value && typeof value.entity === 'string') {
    return { model, scope, entity: value.entity };
  }
  if (scope === 'rows' && 'keys' in value && Array.isArray(value.keys)) {
    const keys: unknown[] = value.keys;
    return keys.every((key) => typeof key === 'string') ? { model, scope, keys } : undefined;
  }
  return undefined;
}
