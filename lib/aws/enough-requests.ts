/** In a period with fewer requests, one of them would decide. */
const MIN_REQUESTS = 20;

/**
 * A share of requests, in the arithmetic of CloudWatch: 0 where there are too few to tell.
 * @param requests expression for their number
 * @param share expression for the share
 */
export function whereEnough(requests: string, share: string): string {
  return `IF(${requests} >= ${MIN_REQUESTS}, ${share}, 0)`;
}
