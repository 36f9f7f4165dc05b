import { App } from 'aws-cdk-lib';
import { isInputError as isSettingsError } from '../k8s/errors';
import { manifestsOf } from '../k8s/manifests';
import { isInputError } from '../lib/aws/errors';
import { addPlatform } from '../lib/aws/platform';
import { loadSpec } from '../lib/spec/load';

try {
  const spec = loadSpec(process.env.HEADROOM_SPEC ?? 'headroom.yaml');
  // By itself it would make an empty assembly of a spec that was refused.
  const app = new App({ autoSynth: false });
  addPlatform(app, {
    spec,
    imageDirectory: process.cwd(),
    makeManifests: (settings) => manifestsOf(spec, settings),
  });
  app.synth();
} catch (error) {
  if (!isInputError(error) && !isSettingsError(error)) throw error;
  process.stderr.write(`error: ${error.message}\n`);
  process.exitCode = 2;
}
