import { join } from 'node:path';
import { type App, Stack } from 'aws-cdk-lib';
import { manifestsOf } from '../../../k8s/manifests';
import { checkSpec } from '../../../lib/aws/checks';
import { addPlatform } from '../../../lib/aws/platform';
import type { MakeManifests } from '../../../lib/aws/workload';
import { readWrittenPlan } from '../../../lib/plan/read-inputs';
import type { WrittenPlan } from '../../../lib/plan/written-plan';
import { loadSpec, type Spec } from '../../../lib/spec/load';
import type { TierName } from '../../../lib/spec/tiers';
import { testApp } from './support';

const ROOT = join(__dirname, '../../..');

export interface TestPlatform {
  readonly app: App;
  /** In the order in which they were made. */
  readonly stacks: readonly Stack[];
}

/** The platform of the example of a tier. */
export function platformOf(tier: TierName): TestPlatform {
  return platformOfFile(join(ROOT, `examples/${tier}.yaml`));
}

/** The platform of a spec in a file, with the plan beside it. */
export function platformOfFile(file: string): TestPlatform {
  const spec = loadSpec(file);
  return platformFrom(spec, readWrittenPlan(spec).plan);
}

/** The platform of a spec, wherever it came from. */
export function platformFrom(asked: Spec, plan?: WrittenPlan): TestPlatform {
  const spec = checkSpec(asked);
  const app = testApp();
  const makeManifests: MakeManifests = (settings) => manifestsOf(spec, settings, plan);
  addPlatform(app, { spec, plan, imageDirectory: ROOT, makeManifests });
  return { app, stacks: app.node.children.filter(Stack.isStack) };
}
