// The app of cdk.json.
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

// The validator takes longer to get ready than all that makes templates, so it begins before that is loaded.
const validator = process.env.CDK_VALIDATION === 'false' ? undefined : new Worker(join(__dirname, 'aws-validator.js'));
validator?.unref();
const { synthesize }: typeof import('./aws-app') = require('./aws-app');
synthesize(validator);
