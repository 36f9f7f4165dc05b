import type { Worker } from 'node:worker_threads';
import { App, Validations } from 'aws-cdk-lib';
import { manifestsOf } from '../k8s/manifests';
import { checkSpec } from '../lib/aws/checks';
import { addPlatform } from '../lib/aws/platform';
import { AwsSolutions } from '../lib/aws/validation/aws-solutions';
import { ValidatorThread } from '../lib/aws/validation/validator-thread';
import { readWrittenPlan } from '../lib/plan/read-inputs';
import { InputError } from '../lib/spec/input-error';
import { loadSpec } from '../lib/spec/load';

/**
 * Makes the cloud assembly of the spec that HEADROOM_SPEC names, and holds it against the rules of AwsSolutions.
 * @param validator that holds its templates against the schemas and rules of CloudFormation; undefined where CDK was
 *   told to leave that out
 */
export function synthesize(validator: Worker | undefined): void {
  try {
    // Before the app, which makes its folder at once.
    const spec = checkSpec(loadSpec(process.env.HEADROOM_SPEC ?? 'headroom.yaml'));
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
    if (validator !== undefined) Validations.of(app).addPlugins(new ValidatorThread(validator), new AwsSolutions(app));
    app.synth();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    process.stderr.write(`error: ${error.message}\n`);
    process.exitCode = 2;
  }
}
