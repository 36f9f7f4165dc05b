import { App } from 'cdk8s';
import { addCharts } from '../k8s/app';
import { readSettings } from '../k8s/settings';
import { readWrittenPlan } from '../lib/plan/read-inputs';
import { InputError } from '../lib/spec/input-error';
import { loadSpec } from '../lib/spec/load';

try {
  const app = new App();
  const spec = loadSpec(process.env.HEADROOM_SPEC ?? 'headroom.yaml');
  const { plan, warnings } = readWrittenPlan(spec);
  for (const warning of warnings) process.stderr.write(`warning: ${warning}\n`);
  addCharts(app, spec, readSettings(process.env), plan);
  app.synth();
} catch (error) {
  if (!(error instanceof InputError)) throw error;
  process.stderr.write(`error: ${error.message}\n`);
  process.exitCode = 2;
}
