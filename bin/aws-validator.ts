// The thread beside bin/aws.ts that validates its templates.
import { parentPort } from 'node:worker_threads';
import { serveValidation } from '../lib/aws/validation/validator';

if (parentPort !== null) serveValidation(parentPort);
