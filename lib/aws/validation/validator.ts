import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MessagePort } from 'node:worker_threads';
import { CloudFormationValidatePlugin, type PolicyValidationStack } from 'aws-cdk-lib';
import { RootConstruct } from 'constructs';
import type { ValidationAnswer, ValidationRequest } from './messages';
import { RESOURCE_TYPES } from './resource-types';

/** Gets CDK's own validator ready, and then answers what comes through a port with it. */
export function serveValidation(requests: MessagePort): void {
  try {
    warmUp();
  } catch {
    // Whoever asks is told, by the same mistake: a thread that ends here would never answer.
  }
  requests.on('message', ({ stackTemplates, port, answered }: ValidationRequest) => {
    port.postMessage(answer(stackTemplates));
    Atomics.store(answered, 0, 1);
    Atomics.notify(answered, 0);
  });
}

const plugin = new CloudFormationValidatePlugin();

function validate(stackTemplates: readonly PolicyValidationStack[]) {
  const templatePaths = stackTemplates.map(({ templatePath }) => templatePath);
  return plugin.validate({ stackTemplates: [...stackTemplates], templatePaths, appConstruct: new RootConstruct() });
}

/** The plugin gets ready at its first template; what it says of this one is of no interest. */
function warmUp(): void {
  const folder = mkdtempSync(join(tmpdir(), 'headroom-validator-'));
  try {
    const templatePath = join(folder, 'warm-up.template.json');
    const Resources = Object.fromEntries(RESOURCE_TYPES.map((Type, index) => [`R${index}`, { Type }]));
    writeFileSync(templatePath, JSON.stringify({ Resources }));
    validate([{ stackConstructPath: 'warm-up', templatePath, accountId: undefined, region: undefined }]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function answer(stackTemplates: ValidationRequest['stackTemplates']): ValidationAnswer {
  try {
    return { report: validate(stackTemplates), version: plugin.version };
  } catch (error) {
    return { error };
  }
}
