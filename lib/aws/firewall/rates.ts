import type { SpecConsumer } from '../../spec/load';

const SECONDS_PER_MINUTE = 60;
/** Limits of WAF. */
const MIN_PER_MINUTE = 10;
const MAX_PER_MINUTE = 2_000_000_000;
/** The servers of several consumers may share an address. */
const CONSUMERS_PER_ADDRESS = 3;

/**
 * Requests a minute that a firewall lets through: by key as much as the largest consumer may send, because it cannot
 * tell consumers apart, and some times that by address. Undefined where no consumer is known.
 */
export function firewallRates(consumers: readonly SpecConsumer[]) {
  if (consumers.length === 0) return undefined;
  const perKey = Math.max(...consumers.map(({ rateQps }) => rateQps)) * SECONDS_PER_MINUTE;
  const bounded = (rate: number) => Math.min(MAX_PER_MINUTE, Math.max(MIN_PER_MINUTE, Math.ceil(rate)));
  return {
    requestsPerMinutePerKey: bounded(perKey),
    requestsPerMinutePerAddress: bounded(perKey * CONSUMERS_PER_ADDRESS),
  };
}
