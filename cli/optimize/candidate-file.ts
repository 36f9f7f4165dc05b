import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { UsageError } from '../errors';
import type { Technique } from './candidates';

/**
 * A file that was made elsewhere, measured like the others: a distilled model, or one trained on after pruning.
 * @throws UsageError where there is none
 */
export function candidateFile(file: string): Technique {
  if (!existsSync(file)) throw new UsageError(`--candidate: ${file} does not exist`);
  const name = basename(file).replace(/\.onnx$/, '');
  return {
    id: `candidate-${name}`,
    title: `${name}, made elsewhere`,
    claim: 'distillation: small models near large ones',
    isLossy: true,
    adopts: 'file',
    prepare: async ({ session }) => ({ modelPath: file, session }),
  };
}
