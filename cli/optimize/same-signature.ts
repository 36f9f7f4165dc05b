import { batchDimension } from '../../service/runtime/batch-dimension';
import type { TensorSignature, TensorSpec } from '../../service/tensor';

/**
 * What of a signature is no longer as it was, in one phrase; undefined where requests and answers stay the same.
 * Symbolic sizes may have other names, as long as rows can still be batched.
 */
export function signatureDifference(original: TensorSignature, candidate: TensorSignature): string | undefined {
  const isBatched = (signature: TensorSignature) => 'name' in batchDimension(signature);
  const first =
    differenceOf('input', original.inputs, candidate.inputs) ??
    differenceOf('output', original.outputs, candidate.outputs);
  if (first !== undefined) return first;
  return isBatched(original) && !isBatched(candidate) ? 'rows can no longer be batched' : undefined;
}

function differenceOf(kind: string, before: readonly TensorSpec[], after: readonly TensorSpec[]): string | undefined {
  if (before.length !== after.length) return `${after.length} ${kind}s instead of ${before.length}`;
  for (const [i, spec] of before.entries()) {
    const other = after[i];
    if (other === undefined || describe(other) === describe(spec)) continue;
    return `${kind} ${describe(spec)} becomes ${describe(other)}`;
  }
  return undefined;
}

function describe({ name, datatype, shape }: TensorSpec): string {
  return `'${name}' ${datatype} [${shape.map((size) => (typeof size === 'number' ? size : '?')).join(', ')}]`;
}
