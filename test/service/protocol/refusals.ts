import { expect, test } from '@jest/globals';
import type { TensorSignature } from '../../../service/tensor';
import { parseJsonRequest, refusal, signatureOf } from './bodies';

/** A model of one input and one output, for requests that are wrong elsewhere. */
export const floats = signatureOf('FP32', ['batch', 3]);
/** A right input for it. */
export const x = { name: 'x', shape: [1, 3], datatype: 'FP32', data: [1, 2, 3] };

/** What is wrong, what the model takes, what the request says, and the sentence that answers it. */
type Refusal = readonly [behaviour: string, signature: TensorSignature, request: unknown, sentence: string | RegExp];

/** One test for each case: the request is refused with 400 and the sentence. */
export function expectRefusals(cases: readonly Refusal[]): void {
  test.each(cases)('%s', (_, signature, request, sentence) => {
    expectSentence(refusal(() => parseJsonRequest(signature, request)).message, sentence);
  });
}

export function expectSentence(message: string, sentence: string | RegExp): void {
  if (typeof sentence === 'string') expect(message).toBe(sentence);
  else expect(message).toMatch(sentence);
}
