import { createHash } from 'node:crypto';
import type { JoinedInstances } from '../predict/feature-join';
import type { ServingPolicy } from '../predict/policy';

/** Share of its life for which an answer may still be given while a cache asks for a new one. */
const REVALIDATION_SHARE = 0.1;

/** Enough of a digest that two answers of one address never share it: 128 bits. */
const ETAG_BYTES = 16;

/** A strong entity tag: equal for equal bytes, on every replica. */
export function strongEtag(body: string): string {
  return `"${createHash('sha256').update(body).digest().subarray(0, ETAG_BYTES).toString('base64url')}"`;
}

/** Whether a conditional request holds what would be sent: weak comparison of RFC 9110, 13.1.2. */
export function isMatched(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch.trim() === '*') return true;
  return ifNoneMatch.match(/"[^"]*"/g)?.some((tag) => tag === etag) ?? false;
}

/**
 * How long caches on the way may keep a prediction for an entity: as long as the prediction cache, but no longer than
 * its features hold. What was predicted without the store's word is kept nowhere.
 *
 * @param nowMs see epochMs
 */
export function cacheControl(
  { cacheTtlMs, view }: ServingPolicy,
  { sources, readMs }: JoinedInstances,
  isPublic: boolean,
  nowMs: number,
): string {
  if (cacheTtlMs === 0 || view === undefined || sources.has('stale') || sources.has('defaults')) return 'no-store';
  const { ttlMs, unknownTtlMs, staleMs } = view.lives;
  const lifeMs = Math.min(cacheTtlMs, readMs === undefined ? unknownTtlMs : ttlMs);
  const leftMs = Math.max(0, lifeMs - (readMs === undefined ? 0 : nowMs - readMs));
  return [
    isPublic ? 'public' : 'private',
    `max-age=${seconds(leftMs)}`,
    `stale-while-revalidate=${seconds(lifeMs * REVALIDATION_SHARE)}`,
    `stale-if-error=${seconds(staleMs)}`,
  ].join(', ');
}

/**
 * What besides the address decides over an answer. Content coding is for proxies that compress. A private answer is for
 * who asked: not even a browser may give it to whoever comes with other credentials.
 */
export function varyOf(isPublic: boolean): string {
  return isPublic ? 'accept-encoding' : 'accept-encoding, authorization, x-api-key';
}

function seconds(ms: number): number {
  return Math.floor(ms / 1000);
}
