import { ModelFolder } from './model-folder';
import type { Answer } from './requests';

const PREDICTION = 'prediction: {type: classification, output: sum, labels: [a + b, a2 + b2, a3 + b3], top: 1}';

/** Two numbers of a user, added: the first columns of test/fixtures/models/add.onnx. */
export function adder(view: string, cache = ''): ModelFolder {
  const columns = ['a', 'b'].flatMap((input) => [
    `  - {name: ${input}, type: number, input: ${input}${input === 'b' ? ', default: 0' : ''}}`,
    `  - {name: ${input}2, type: number, input: ${input}, default: 0}`,
    `  - {name: ${input}3, type: number, input: ${input}, default: 0}`,
  ]);
  const named = view.replace('name: user', 'name: user, features: [a, b]');
  return new ModelFolder().add('add').describe('add', ['features:', ...columns, PREDICTION, named, cache].join('\n'));
}

/** The sums of an answer. */
export function sums({ json }: Answer): number[] {
  return Object(json).predictions?.map((prediction: { score: number }) => prediction.score);
}
