import { GPU_NAMES, type GpuName } from '../spec/gpus';

/**
 * Regions in which EC2 offers the families that carry each GPU (g4dn, g6, g5, g6e, p5 with one GPU), in at least one zone.
 *
 * Source: SkyPilot's public catalog (catalogs/v9/aws/vms.csv at commit 2c3d7ea7, Apache-2.0), read on 2026-11-24, which is
 * made from EC2's DescribeInstanceTypeOfferings. AWS adds regions; the API itself is the authority:
 * `aws ec2 describe-instance-type-offerings --region REGION --filters Name=instance-type,Values=g6.xlarge`.
 */
const GPU_REGIONS: Readonly<Record<GpuName, readonly string[]>> = {
  t4: [
    ...['af-south-1', 'ap-east-1', 'ap-northeast-1', 'ap-northeast-2', 'ap-northeast-3', 'ap-south-1'],
    ...['ap-southeast-1', 'ap-southeast-2', 'ca-central-1', 'eu-central-1', 'eu-north-1', 'eu-south-1', 'eu-west-1'],
    ...['eu-west-2', 'eu-west-3', 'me-south-1', 'us-east-1', 'us-east-2', 'us-west-1', 'us-west-2'],
  ],
  l4: [
    ...['ap-northeast-1', 'ap-northeast-2', 'ap-south-1', 'ap-southeast-2', 'ca-central-1', 'eu-central-1'],
    ...['eu-north-1', 'eu-south-2', 'eu-west-2', 'eu-west-3', 'me-central-1', 'us-east-1', 'us-east-2', 'us-west-2'],
  ],
  a10g: [
    ...['ap-east-1', 'ap-northeast-1', 'ap-northeast-2', 'ap-south-1', 'ap-southeast-2', 'ap-southeast-3'],
    ...['ca-central-1', 'eu-central-1', 'eu-north-1', 'eu-west-1', 'eu-west-2', 'me-central-1', 'us-east-1'],
    ...['us-east-2', 'us-west-2'],
  ],
  l40s: [
    ...['ap-northeast-1', 'ap-northeast-2', 'ap-northeast-3', 'eu-central-1', 'eu-north-1', 'eu-south-2'],
    ...['me-central-1', 'us-east-1', 'us-east-2', 'us-west-2'],
  ],
  h100: [
    ...['ap-northeast-1', 'ap-south-1', 'ap-southeast-2', 'ap-southeast-3', 'eu-west-2', 'us-east-1', 'us-east-2'],
    ...['us-west-2'],
  ],
};

/** Regions of the catalog in which none of these GPUs is offered. */
const WITHOUT_GPUS = ['ap-southeast-4'];

const KNOWN_REGIONS: ReadonlySet<string> = new Set([...Object.values(GPU_REGIONS).flat(), ...WITHOUT_GPUS]);

/** The GPUs that EC2 offers in a region; undefined for a region that the source does not cover. */
export function gpusOfRegion(region: string): GpuName[] | undefined {
  if (!KNOWN_REGIONS.has(region)) return undefined;
  return GPU_NAMES.filter((gpu) => GPU_REGIONS[gpu].includes(region));
}

/** The regions in which EC2 offers a GPU, as far as the source covers them. */
export function regionsOfGpu(gpu: GpuName): readonly string[] {
  return GPU_REGIONS[gpu];
}
