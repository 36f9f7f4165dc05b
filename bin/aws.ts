import { App } from 'aws-cdk-lib';
import { manifestsOf } from '../k8s/manifests';
import { addPlatform } from '../lib/aws/platform';
import { readWrittenPlan } from '../lib/plan/read-inputs';
import { InputError } from '../lib/spec/input-error';
import { loadSpec } from '../lib/spec/load';

try {
  const spec = loadSpec(process.env.HEADROOM_SPEC ?? 'headroom.yaml');
  // By itself it would make an empty assembly of a spec that was refused.
  const app = new App({ autoSynth: false });
  const { plan, warnings } = readWrittenPlan(spec);
  for (const warning of warnings) process.stderr.write(`warning: ${warning}\n`);
  addPlatform(app, {
    spec,
    plan,
    imageDirectory: process.cwd(),
    makeManifests: (settings) => manifestsOf(spec, settings, plan),
  });
  app.synth();
} catch (error) {
  if (!(error instanceof InputError)) throw error;
  process.stderr.write(`error: ${error.message}\n`);
  process.exitCode = 2;
}
