import { type FrontDoor, frontDoorCosts, total } from '../plan/platform-cost';
import { parsePrices } from '../plan/prices';
import listPrices from '../plan/prices/aws.json';

/** Of which every item has a price; elsewhere they differ by little. */
const REGION = 'us-east-1';

/** Why CloudFront takes the place of API gateways: what each would cost, in a sentence. */
export function frontDoorReason(peakQps: number): string {
  const prices = parsePrices(JSON.stringify(listPrices), 'lib/plan/prices/aws.json', REGION);
  const monthly = (door: FrontDoor) => Math.round(total(frontDoorCosts(door, peakQps, prices))).toLocaleString('en-US');
  return (
    `CloudFront takes the place of an API gateway: at a peak of ${peakQps.toLocaleString('en-US')} requests/s it costs about ` +
    `${monthly('cloudfront')} ${prices.currency} a month, an API gateway ${monthly('api-gateway')} (list prices of ${REGION})`
  );
}
