import { MessageChannel, receiveMessageOnPort, type Worker } from 'node:worker_threads';
import {
  CloudFormationValidatePlugin,
  type IPolicyValidationContext,
  type PolicyValidationPluginReport,
} from 'aws-cdk-lib';
import type { ValidationAnswer, ValidationRequest } from './messages';

/** It takes seconds; a machine that is busy with other things may make it many. */
const LIMIT_MS = 5 * 60_000;

/**
 * CDK's own validator of templates, in a thread of its own. It takes longer to get ready than the templates take to be
 * made, so it does that meanwhile. What is validated, and what is said about it, is all CDK's.
 */
export class ValidatorThread extends CloudFormationValidatePlugin {
  readonly #worker: Worker;
  #version: string | undefined;

  /** @param worker that runs bin/aws-validator.ts */
  constructor(worker: Worker) {
    super();
    this.#worker = worker;
  }

  /** @throws Error where the thread fails, or does not answer */
  override validate({ stackTemplates }: IPolicyValidationContext): PolicyValidationPluginReport {
    const { port1, port2: port } = new MessageChannel();
    const answered = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
    const request: ValidationRequest = { stackTemplates, port, answered };
    this.#worker.postMessage(request, [port]);
    Atomics.wait(answered, 0, 0, LIMIT_MS);
    const answer: ValidationAnswer | undefined = receiveMessageOnPort(port1)?.message;
    port1.close();
    if (answer === undefined) throw new Error(`the validator of templates did not answer within ${LIMIT_MS / 1000} s`);
    if ('error' in answer) throw answer.error;
    this.#version = answer.version;
    return answer.report;
  }

  /** As the thread says; it would have to be loaded here once more to be asked. Undefined until it has answered. */
  override get version(): string | undefined {
    return this.#version;
  }
}
