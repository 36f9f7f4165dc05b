import type { TensorSignature, TensorSpec } from '../tensor';

/** The name of the dimension that may be a batch, or why there is none. */
export type BatchDimension = { readonly name: string } | { readonly reason: string };

/**
 * What the signature says about batches: every input and every output must begin with the same named dimension, and
 * it must stand nowhere else. Necessary, not sufficient: a transposition looks like this too, so a probe has to prove it.
 */
export function batchDimension({ inputs, outputs }: TensorSignature): BatchDimension {
  const [first] = inputs;
  if (first === undefined) return { reason: 'the model has no inputs' };
  const name = first.shape[0];
  if (typeof name !== 'string') return { reason: `input '${first.name}' ${describeFirst(first)}` };
  for (const spec of inputs) {
    if (spec.shape[0] !== name) return { reason: `input '${spec.name}' ${difference(spec, name)}` };
  }
  for (const spec of outputs) {
    if (spec.shape[0] !== name) return { reason: `output '${spec.name}' ${difference(spec, name)}` };
  }
  const twice = [...inputs, ...outputs].find(({ shape }) => shape.lastIndexOf(name) > 0);
  if (twice !== undefined) return { reason: `'${twice.name}' has the dimension '${name}' a second time` };
  return { name };
}

/** Unnamed dimensions have made-up names, which nobody should be told. */
function difference(spec: TensorSpec, name: string): string {
  const unnamed = 'has a first dimension without a name';
  if (describeFirst(spec) === unnamed) return `${unnamed}; give inputs and outputs the same one (docs/models.md)`;
  return `${describeFirst(spec)}${name.startsWith('?') ? '' : `, not '${name}'`}`;
}

function describeFirst({ shape: [first] }: TensorSpec): string {
  if (first === undefined) return 'is a scalar';
  if (typeof first === 'number') return `has the fixed first dimension ${first}`;
  return first.startsWith('?') ? 'has a first dimension without a name' : `has the first dimension '${first}'`;
}
