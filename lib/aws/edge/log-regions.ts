/**
 * Regions to whose buckets CloudFront delivers no logs; a distribution that names one there is refused. They are those
 * that an account has to switch on. Source: CloudFront developer guide, "Choosing an Amazon S3 bucket for your standard
 * logs", which names more of them with each edition.
 */
const WITHOUT_LOGS = new Set([
  'af-south-1',
  'ap-east-1',
  'ap-east-2',
  'ap-south-2',
  'ap-southeast-3',
  'ap-southeast-4',
  'ap-southeast-5',
  'ap-southeast-6',
  'ap-southeast-7',
  'ca-west-1',
  'eu-central-2',
  'eu-south-1',
  'eu-south-2',
  'il-central-1',
  'me-central-1',
  'me-south-1',
  'me-west-1',
  'mx-central-1',
]);

/** Whether a distribution may keep its records in a bucket of a region. */
export function deliversLogsTo(region: string): boolean {
  return !WITHOUT_LOGS.has(region);
}
