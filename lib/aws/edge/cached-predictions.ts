import { Duration } from 'aws-cdk-lib';
import {
  CacheCookieBehavior,
  CacheHeaderBehavior,
  CachePolicy,
  CacheQueryStringBehavior,
  type ErrorResponse,
} from 'aws-cdk-lib/aws-cloudfront';
import type { Construct } from 'constructs';

/** Path of the answers that a cache may keep: predictions for an entity; the service says for how long. */
export const CACHEABLE_PATHS = '/v1/models/*/entities/*';

/** Longest that an answer is kept at the edge, whatever the service says. */
const MAX_TTL = Duration.days(1);

/**
 * Keeps answers for exactly as long as the service's own headers say: not at all where they say nothing.
 *
 * @param callerHeaders headers that tell callers apart, so that none is given what another was given
 */
export function cachedPredictions(scope: Construct, callerHeaders: readonly string[]): CachePolicy {
  return new CachePolicy(scope, 'cache-policy', {
    comment: 'Predictions for an entity, for as long as the service says',
    minTtl: Duration.seconds(0),
    defaultTtl: Duration.seconds(0),
    maxTtl: MAX_TTL,
    headerBehavior:
      callerHeaders.length === 0 ? CacheHeaderBehavior.none() : CacheHeaderBehavior.allowList(...callerHeaders),
    queryStringBehavior: CacheQueryStringBehavior.all(),
    cookieBehavior: CacheCookieBehavior.none(),
    enableAcceptEncodingGzip: true,
    enableAcceptEncodingBrotli: true,
  });
}

/** Errors that CloudFront would keep for ten seconds, even where it is told to cache nothing. */
const KEPT_ERRORS = [403, 404, 500, 501, 502, 503, 504];

/** Each error is for the request that met it: the next may be served. */
export const FRESH_ERRORS: ErrorResponse[] = KEPT_ERRORS.map((httpStatus) => ({
  httpStatus,
  ttl: Duration.seconds(0),
}));
