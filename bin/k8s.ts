import { App } from 'cdk8s';
import { addCharts } from '../k8s/app';
import { isInputError } from '../k8s/errors';
import { readSettings } from '../k8s/settings';
import { loadSpec } from '../lib/spec/load';

try {
  const app = new App();
  addCharts(app, loadSpec(process.env.HEADROOM_SPEC ?? 'headroom.yaml'), readSettings(process.env));
  app.synth();
} catch (error) {
  if (!isInputError(error)) throw error;
  process.stderr.write(`error: ${error.message}\n`);
  process.exitCode = 2;
}
