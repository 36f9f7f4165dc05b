import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { compileAnswer } from '../../../service/model/answer';
import { parseModelDescription } from '../../../service/model/description';
import { exampleRequest } from '../../../service/model/example';
import { compileFeatures } from '../../../service/model/features';
import { compileImage } from '../../../service/model/image';
import { dataTypeOfOrt, type Tensor, type TensorSpec } from '../../../service/tensor';

const MODELS = join(__dirname, '../../../models');
const names = readdirSync(MODELS, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

function specsOf(metadata: readonly InferenceSession.ValueMetadata[]): TensorSpec[] {
  return metadata.map((value) => {
    const datatype = value.isTensor ? dataTypeOfOrt(value.type) : undefined;
    if (!value.isTensor || datatype === undefined) throw new Error(`${value.name} is no tensor of a known type`);
    return { name: value.name, datatype, shape: value.shape };
  });
}

describe.each(names)('the bundled model %s', (name) => {
  test('answers the example of its model.yaml', async () => {
    // GIVEN
    const folder = join(MODELS, name);
    const description = parseModelDescription(readFileSync(join(folder, 'model.yaml'), 'utf8'), `${name}/model.yaml`);
    const session = await InferenceSession.create(join(folder, '1', 'model.onnx'));
    const signature = { inputs: specsOf(session.inputMetadata), outputs: specsOf(session.outputMetadata) };
    const example = exampleRequest(description, folder);
    const answer = compileAnswer(description, signature);
    if (example === undefined || answer === undefined) throw new Error('no example or nothing to answer');

    // WHEN
    const inputs =
      'body' in example
        ? compileFeatures(description, signature)?.encode(JSON.parse(example.body).instances)
        : await compileImage(description, signature)?.decode(readFileSync(example.imagePath));
    const feeds: Record<string, OrtTensor> = {};
    for (const [index, { datatype, shape, data }] of (inputs ?? []).entries()) {
      if (datatype !== 'FP32' || !(data instanceof Float32Array)) throw new Error(`${datatype} is not bundled so far`);
      feeds[signature.inputs[index]?.name ?? ''] = new OrtTensor('float32', data, shape);
    }
    const results = await session.run(feeds);
    const outputs = answer.outputs.map((index): Tensor => {
      const output = results[signature.outputs[index]?.name ?? ''];
      if (!(output?.data instanceof Float32Array)) throw new Error('the answer is not read from float32');
      return { datatype: 'FP32', shape: output.dims, data: output.data };
    });
    const prediction = JSON.parse(answer.format(outputs, 0));

    // THEN
    const [best = prediction] = prediction.scores ?? prediction.items ?? [];
    expect(typeof best.score).toBe('number');
    if (description.prediction?.type !== 'score') {
      expect(description.prediction?.labels).toContain(best.label ?? best.item);
    }
    await session.release();
  });
});
