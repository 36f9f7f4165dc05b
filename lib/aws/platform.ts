import type { Construct } from 'constructs';
import type { Spec } from '../spec/load';
import { checkSpec } from './checks';
import { ClusterStack } from './stacks/cluster-stack';
import { DataStack, redisDesign } from './stacks/data-stack';
import { EdgeStack } from './stacks/edge-stack';
import { FrontDoorStack } from './stacks/front-door-stack';
import { NetworkStack } from './stacks/network-stack';

/**
 * All that a system needs on AWS, as stacks that each depend only on earlier ones.
 *
 * @param scope the CDK app
 * @throws DocumentError for what AWS does not have or cannot name, with the line of the spec
 */
export function addPlatform(scope: Construct, spec: Spec): void {
  const checked = checkSpec(spec);
  const origins = [checked.aws.region, ...checked.aws.regions].flatMap((region) => {
    const place = { spec: checked, region };
    const { vpc } = new NetworkStack(scope, place);
    const design = redisDesign(checked);
    if (design !== undefined) new DataStack(scope, { ...place, vpc, design });
    new ClusterStack(scope, { ...place, vpc });
    const { entranceOrigin } = new EdgeStack(scope, { ...place, vpc });
    return entranceOrigin ?? [];
  });
  if (origins.length > 0) new FrontDoorStack(scope, { spec: checked, origins });
}
