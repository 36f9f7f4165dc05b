import type { Random } from './random';
import type { RateProfile } from './rate-profile';

export const ARRIVALS = ['poisson', 'constant'] as const;
export type Arrivals = (typeof ARRIVALS)[number];

/** The times at which requests are due, in milliseconds from the start, one after the other; undefined at the end. */
export type Schedule = () => number | undefined;

/**
 * Requests as they come from many callers that know nothing of each other (poisson), or evenly spaced (constant). A
 * Poisson process of changing rate is one of rate 1 seen through the inverse of the expected count (time change).
 */
export function schedule(profile: RateProfile, arrivals: Arrivals, random: Random): Schedule {
  const timeOf = profile.timeline();
  // Half a space in front of the first, so that a rate of 1/s for 10 s makes 10 requests.
  let count = arrivals === 'constant' ? -0.5 : 0;
  return () => {
    count += arrivals === 'constant' ? 1 : -Math.log(1 - random());
    const seconds = timeOf(count);
    return seconds === undefined ? undefined : seconds * 1000;
  };
}
