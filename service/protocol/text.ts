import { badRequest } from '../errors';
import type { TensorSpec } from '../tensor';

/** Refuses what ONNX Runtime would alter: it ends strings at NUL and replaces halves of surrogate pairs. */
export function checkText(text: string, spec: TensorSpec, at: number): void {
  if (text.includes('\0')) {
    throw badRequest(`input '${spec.name}' has a NUL character in element ${at}, where the model would cut the string`);
  }
  if (/\p{Surrogate}/u.test(text)) {
    throw badRequest(`input '${spec.name}' has half of a surrogate pair in element ${at}, expected valid Unicode`);
  }
}
