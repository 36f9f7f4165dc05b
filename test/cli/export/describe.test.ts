import { describe, expect, test } from '@jest/globals';
import { describeTable, exampleTensors } from '../../../cli/export/describe';
import { renderDescription } from '../../../cli/init/render';
import { chooseUseCase } from '../../../cli/init/use-case';
import { parseModelDescription } from '../../../service/model/description';
import { compile } from '../../../service/repository/served-model';
import type { Tensor, TensorSignature } from '../../../service/tensor';

const SIGNATURE: TensorSignature = {
  inputs: [{ name: 'features', datatype: 'FP32', shape: ['batch', 2] }],
  outputs: [{ name: 'probabilities', datatype: 'FP32', shape: ['batch', 2] }],
};
const ROWS: Tensor = { datatype: 'FP32', shape: [2, 2], data: new Float32Array([0.1, 2, 3, 4]) };

function described(features: readonly string[] | undefined, labels?: readonly string[], integers?: readonly boolean[]) {
  const content = describeTable(SIGNATURE, { features, labels, integers }, [ROWS]);
  const origin = ['Exported by a test.'];
  const model = { name: 'm', path: 'models/m', signature: SIGNATURE, useCase: chooseUseCase(SIGNATURE) };
  const text = renderDescription(model, { origin, content });
  const description = parseModelDescription(text, 'model.yaml');
  compile(description, SIGNATURE);
  return { text, description };
}

describe('the model.yaml of an exported model of a table', () => {
  test('has its names, classes and first row, and fits the model', () => {
    const { text, description } = described(['age', 'has: colon # and hash'], ['no', 'yes']);
    expect(description).toMatchObject({
      features: [{ name: 'age', type: 'number' }, { name: 'has: colon # and hash' }],
      prediction: { type: 'classification', output: 'probabilities', labels: ['no', 'yes'] },
      example: { instances: [{ age: 0.1, 'has: colon # and hash': 2 }] },
    });
    expect(text).toMatch(/^# Exported by a test\.\n/);
    expect(text).toContain('  - {name: age, type: number}\n');
  });

  test.each([
    ['that are not there', undefined],
    ['of another number', ['age']],
    ['that are equal', ['age', 'age']],
    ['of no letters', ['', 'age']],
  ])('numbers its features in place of names %s', (_, names) => {
    expect(described(names).description.features?.map(({ name }) => name)).toEqual(['feature1', 'feature2']);
  });

  test('has whole numbers where the model was trained on such, in its example, too', () => {
    expect(described(['age', 'calls'], undefined, [true, false]).description).toMatchObject({
      features: [
        { name: 'age', type: 'integer' },
        { name: 'calls', type: 'number' },
      ],
      example: { instances: [{ age: 0, calls: 2 }] },
    });
  });

  test('leaves the use case to people', () => {
    const { text, description } = described(['a', 'b']);
    expect(description.useCase).toBeUndefined();
    expect(text).toContain('\n# useCase: fraud-detection # what it is for sets the SLO; one of ');
  });

  test('says nothing of the prediction where the classes are not known', () => {
    expect(described(['a', 'b']).description.prediction).toBeUndefined();
  });
});

test('an example of tensors is a request of one row', () => {
  expect(JSON.parse(exampleTensors(SIGNATURE, [ROWS]))).toEqual({
    inputs: [{ name: 'features', datatype: 'FP32', shape: [1, 2], data: [expect.closeTo(0.1), 2] }],
  });
});
