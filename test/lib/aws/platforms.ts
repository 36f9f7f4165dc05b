import { join } from 'node:path';
import { type App, Stack } from 'aws-cdk-lib';
import { manifestsOf } from '../../../k8s/manifests';
import { addPlatform } from '../../../lib/aws/platform';
import { loadSpec } from '../../../lib/spec/load';
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
  const app = testApp();
  const spec = loadSpec(join(ROOT, `examples/${tier}.yaml`));
  addPlatform(app, { spec, imageDirectory: ROOT, makeManifests: (settings) => manifestsOf(spec, settings) });
  return { app, stacks: app.node.children.filter(Stack.isStack) };
}
