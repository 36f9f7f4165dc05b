import type { MessagePort } from 'node:worker_threads';
import type { PolicyValidationPluginReport, PolicyValidationStack } from 'aws-cdk-lib';

/** What the thread that validates is asked. */
export interface ValidationRequest {
  readonly stackTemplates: readonly PolicyValidationStack[];
  /** Where the answer goes. */
  readonly port: MessagePort;
  /** Becomes 1 once the answer is there: whoever waits for it runs no event loop meanwhile. */
  readonly answered: Int32Array;
}

export type ValidationAnswer =
  | { readonly report: PolicyValidationPluginReport; readonly version: string | undefined }
  | { readonly error: unknown };
