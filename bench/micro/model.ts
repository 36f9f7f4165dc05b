/**
 * What it costs to turn features into rows, outputs into answers and pixels into elements, beside the JSON.parse and
 * JSON.stringify that any server pays.
 * Run: npx tsx bench/micro/model.ts
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileAnswer } from '../../service/model/answer';
import { Mismatches, type ModelDescription, parseModelDescription } from '../../service/model/description';
import { compileFeatures } from '../../service/model/features';
import { planPixels, writePixels } from '../../service/model/pixels';
import type { Tensor, TensorSignature } from '../../service/tensor';
import { processorTimeUs } from '../support/processor-time';

const MODELS = join(__dirname, '../../models');

function load(model: string): ModelDescription {
  const file = join(MODELS, model, 'model.yaml');
  return parseModelDescription(readFileSync(file, 'utf8'), file);
}

function signatureOf(columns: number, output: string, labels: number): TensorSignature {
  return {
    inputs: [{ name: 'features', datatype: 'FP32', shape: ['batch', columns] }],
    outputs: [{ name: output, datatype: 'FP32', shape: ['batch', labels] }],
  };
}

function instancesOf(body: string): readonly unknown[] {
  return JSON.parse(body).instances;
}

function compile(model: string) {
  const description = load(model);
  const { features = [], prediction, example } = description;
  if (prediction === undefined || prediction.type === 'score') throw new Error(`${model} has no labels`);
  const { labels, output } = prediction;
  const signature = signatureOf(features.length, output, labels.length);
  const encoder = compileFeatures(description, signature);
  const formatter = compileAnswer(description, signature);
  if (encoder === undefined || formatter === undefined || typeof example !== 'object') throw new Error('incomplete');
  const scores = Float32Array.from(labels, (_, index) => Math.sin(index * 7) ** 2);
  const outputs: Tensor[] = [{ datatype: 'FP32', shape: [1, labels.length], data: scores }];
  const instance = example.instances.slice(0, 1);
  return {
    columns: features.length,
    labels: labels.length,
    body: JSON.stringify({ instances: instance }),
    encode: (instances: unknown) => encoder.encode(instances),
    format: () => formatter.format(outputs, 0),
  };
}

/** A float image of the size that most vision models take. */
function pixelWriter(): () => Tensor {
  const { image, source } = parseModelDescription('image: {width: 224, height: 224, channels: 3}', 'model.yaml');
  const signature: TensorSignature = {
    inputs: [{ name: 'image', datatype: 'FP32', shape: ['batch', 3, 224, 224] }],
    outputs: [],
  };
  const layout = image && planPixels(image, signature, new Mismatches(source));
  if (layout === undefined) throw new Error('the image does not fit');
  const bytes = Uint8Array.from({ length: 224 * 224 * 3 }, (_, index) => (index * 7919) & 255);
  return () => writePixels(bytes, layout);
}

const fraud = compile('fraud-detection');
const basket = compile('recommendations');
const one = instancesOf(fraud.body);
const many = Array.from({ length: 32 }, () => one[0]);
const someItems = instancesOf(basket.body);
const writeImage = pixelWriter();
const answer: unknown = JSON.parse(fraud.format());

const times = processorTimeUs({
  [`JSON.parse of ${fraud.columns} features`]: () => JSON.parse(fraud.body),
  [`encode ${fraud.columns} features, 1 row`]: () => fraud.encode(one),
  [`encode ${fraud.columns} features, 32 rows`]: () => fraud.encode(many),
  [`encode ${basket.columns} features, most left out`]: () => basket.encode(someItems),
  'JSON.stringify of an answer of 2 labels': () => JSON.stringify(answer),
  [`answer ${fraud.labels} labels`]: () => fraud.format(),
  [`answer 5 of ${basket.labels} items`]: () => basket.format(),
  'write 224 x 224 x 3 pixels': writeImage,
});
for (const [name, us] of times) process.stdout.write(`${us.toFixed(2).padStart(9)} µs  ${name}\n`);
