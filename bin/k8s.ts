import { App } from 'cdk8s';
import { addCharts } from '../k8s/app';
import { readSettings } from '../k8s/settings';
import { loadSpec } from '../lib/spec/load';

const app = new App();
addCharts(app, loadSpec(process.env.HEADROOM_SPEC ?? 'headroom.yaml'), readSettings(process.env));
app.synth();
