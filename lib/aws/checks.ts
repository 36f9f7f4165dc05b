import { BlockList } from 'node:net';
import { gpusOfRegion, regionsOfGpu } from '../plan/gpu-regions';
import { SOLD_AHEAD } from '../plan/instance-types';
import { didYouMean } from '../spec/closest';
import type { DocumentPath } from '../spec/document';
import { DocumentError, type Mistake } from '../spec/errors';
import type { Spec } from '../spec/load';
import { MAX_RULES } from './constructs/load-balancer';
import { deliversLogsTo } from './edge/log-regions';
import { REGION_PLACES } from './edge/region-places';
import { TIER_DESIGNS } from './tier-design';

/** A spec that says where on AWS it is deployed, and asks for nothing that AWS does not have. */
export type AwsSpec = Spec & { readonly aws: NonNullable<Spec['aws']> };

/** @throws DocumentError with everything that AWS does not have or cannot name, each with its line */
export function checkSpec(spec: Spec): AwsSpec {
  const { aws, source } = spec;
  if (aws === undefined) {
    const message = 'is missing, expected at least the region, as aws: {region: eu-west-1}';
    throw new DocumentError(source.file, [source.mistakeAt(['aws'], message), ...checkConsumers(spec)]);
  }
  const checked: AwsSpec = { ...spec, aws };
  const mistakes = [
    ...checkPlatform(checked),
    ...checkRegions(checked),
    ...checkGpus(checked),
    ...checkCapacityBlocks(checked),
    ...checkNetworks(checked),
    ...checkModelReaders(checked),
    ...checkName(checked),
    ...checkDomain(checked),
    ...checkModels(checked),
    ...checkAuthorization(checked),
    ...checkConsumers(checked),
    ...checkQuotas(checked),
  ];
  if (mistakes.length > 0) throw new DocumentError(source.file, mistakes);
  return checked;
}

function checkPlatform({ kubernetes, source }: AwsSpec): Mistake[] {
  if (kubernetes.platform === 'eks') return [];
  return [
    source.mistakeAt(['kubernetes', 'platform'], `found ${kubernetes.platform}, expected eks for a platform on AWS`),
  ];
}

/** CloudFront and its firewall are not made from the regions of other partitions. */
const REGIONS = Object.keys(REGION_PLACES);

/** New accounts see only two zones in them, and a platform stands on three. */
const TWO_ZONES = ['us-west-1'];

function checkRegions({ aws, tier, source }: AwsSpec): Mistake[] {
  const mistakes = placesOfRegions(aws).flatMap(({ region, path }) => {
    if (TWO_ZONES.includes(region)) {
      return [source.mistakeAt(path, `found ${region}, which has two zones, expected a region with three`)];
    }
    if (REGIONS.includes(region)) return [];
    const hint = didYouMean(region, REGIONS);
    return [source.mistakeAt(path, `found '${region}', expected a region of AWS such as eu-west-1${hint}`)];
  });
  if (aws.regions.length > 0 && !TIER_DESIGNS[tier.name].severalRegions) {
    const message = `found ${aws.regions.join(', ')}, expected no further region for the tier ${tier.name}: only very-large stands in several`;
    mistakes.push(source.mistakeAt(['aws', 'regions'], message));
  }
  return mistakes;
}

function placesOfRegions({ region, regions }: AwsSpec['aws']) {
  return [
    { region, path: ['aws', 'region'] },
    ...regions.map((further, index) => ({ region: further, path: ['aws', 'regions', index] })),
  ];
}

/** A region that the table of GPUs does not cover passes: AWS itself will tell. */
function checkGpus({ aws, pools, source }: AwsSpec): Mistake[] {
  return pools.flatMap(({ name, gpu }) =>
    placesOfRegions(aws).flatMap(({ region }) => {
      const offered = gpusOfRegion(region);
      if (gpu === undefined || offered === undefined || offered.includes(gpu)) return [];
      const others = offered.length === 0 ? 'none' : offered.join(', ');
      const message = `found ${gpu}, which ${region} does not offer, expected one of its GPUs (${others}) or a region with it (${regionsOfGpu(gpu).join(', ')})`;
      return [source.mistakeAt(['pools', name, 'gpu'], message)];
    }),
  );
}

/** A Capacity Block is of one type, in one zone of one region. */
function checkCapacityBlocks({ aws, pools, source }: AwsSpec): Mistake[] {
  return pools.flatMap(({ name, gpu, capacity }) => {
    if (capacity !== 'capacity-block' || gpu === undefined) return [];
    const path = ['pools', name, 'capacity'];
    if (!SOLD_AHEAD.has(gpu)) {
      const message = `found capacity-block with the GPU ${gpu}, expected one of which Capacity Blocks are sold: ${[...SOLD_AHEAD].join(', ')}`;
      return [source.mistakeAt(path, message)];
    }
    if (aws.regions.length === 0) return [];
    return [source.mistakeAt(path, 'found capacity-block, which is in one region, expected no aws.regions beside it')];
  });
}

/** Networks that the Internet does not know: EKS refuses them, and the API is reached from within the VPC anyway. */
const NOT_PUBLIC = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['224.0.0.0', 3],
] as const) {
  NOT_PUBLIC.addSubnet(network, prefix);
}

function checkNetworks({ aws, source }: AwsSpec): Mistake[] {
  const check = (cidrs: readonly string[], path: DocumentPath, whose: string) =>
    cidrs.flatMap((cidr, index) => {
      const [network = '', prefix] = cidr.split('/');
      if (prefix === '0')
        return [source.mistakeAt([...path, index], `found '${cidr}', expected the networks of ${whose}`)];
      const message = `found '${cidr}', expected a network of the Internet, which private ones are not`;
      return NOT_PUBLIC.check(network) ? [source.mistakeAt([...path, index], message)] : [];
    });
  return [
    ...check(
      aws.cluster.publicAccessCidrs,
      ['aws', 'cluster', 'publicAccessCidrs'],
      'those who administer the cluster',
    ),
    ...check(aws.modelReaders, ['aws', 'modelReaders'], 'those who run models elsewhere'),
  ];
}

function checkModelReaders({ aws: { region, modelReaders }, source }: AwsSpec): Mistake[] {
  if (modelReaders.length === 0 || deliversLogsTo(region)) return [];
  const message = `found ${modelReaders.join(', ')}, expected none with the region ${region}: CloudFront, through which models are read elsewhere, delivers no logs there`;
  return [source.mistakeAt(['aws', 'modelReaders'], message)];
}

/** Longest name from which all others can be made; ids of ElastiCache hold 40 characters and no two hyphens in a row. */
const MAX_NAME = 30;

function checkName({ name, source }: AwsSpec): Mistake[] {
  if (name.length > MAX_NAME) {
    const message = `found a name of ${name.length} characters, expected at most ${MAX_NAME}: names on AWS are made of it`;
    return [source.mistakeAt(['name'], message)];
  }
  if (!name.includes('--')) return [];
  return [source.mistakeAt(['name'], `found '${name}', expected no two hyphens in a row, which ElastiCache refuses`)];
}

/** Limit of the first name in a certificate of ACM. */
const MAX_DOMAIN = 64;

function checkDomain({ aws: { domain = '' }, source }: AwsSpec): Mistake[] {
  if (domain.length <= MAX_DOMAIN) return [];
  const message = `found a name of ${domain.length} characters, expected at most ${MAX_DOMAIN}, which a certificate holds`;
  return [source.mistakeAt(['aws', 'domain'], message)];
}

function checkModels({ models, source }: AwsSpec): Mistake[] {
  if (models.length <= MAX_RULES) return [];
  const message = `found ${models.length} models, expected at most ${MAX_RULES}: each takes a rule of the load balancer`;
  return [source.mistakeAt(['models'], message)];
}

function checkAuthorization({ aws, tier, source }: AwsSpec): Mistake[] {
  const { type } = aws.authorization;
  if (TIER_DESIGNS[tier.name].frontDoor === 'api-gateway' || type === 'api-key') return [];
  const message = `found ${type}, expected api-key in the tier ${tier.name}: CloudFront, which takes the place of the API gateway there, knows keys only`;
  return [source.mistakeAt(['aws', 'authorization', 'type'], message)];
}

/** A spec that says nothing of callers has them known by keys. */
function checkConsumers({ aws, consumers, tier, source }: Spec): Mistake[] {
  const byGateway = TIER_DESIGNS[tier.name].frontDoor === 'api-gateway';
  const byKey = aws === undefined || aws.authorization.type === 'api-key';
  if (!byGateway || !byKey || consumers.length > 0) return [];
  const message =
    'has no entry, expected at least one, as consumers: {web: {rateQps: 100, burst: 200}}: callers are known by their API key';
  return [source.mistakeAt(['consumers'], message)];
}

/** CloudFront's firewall counts over minutes, each of its places for itself; nothing there counts a day of all regions. */
function checkQuotas({ consumers, tier, source }: AwsSpec): Mistake[] {
  if (TIER_DESIGNS[tier.name].frontDoor === 'api-gateway') return [];
  return consumers.flatMap(({ name, quotaPerDay }) => {
    if (quotaPerDay === undefined) return [];
    const message =
      `found ${quotaPerDay}, expected none in the tier ${tier.name}: CloudFront takes the place of the API gateway there ` +
      'and keeps rates only';
    return [source.mistakeAt(['consumers', name, 'quotaPerDay'], message)];
  });
}
