import { App } from 'aws-cdk-lib';
import { isInputError } from '../lib/aws/errors';
import { addPlatform } from '../lib/aws/platform';
import { loadSpec } from '../lib/spec/load';

try {
  const app = new App();
  addPlatform(app, loadSpec(process.env.HEADROOM_SPEC ?? 'headroom.yaml'));
  app.synth();
} catch (error) {
  if (!isInputError(error)) throw error;
  process.stderr.write(`error: ${error.message}\n`);
  process.exitCode = 2;
}
