/**
 * What the codecs of the Open Inference Protocol cost, beside bare JSON.parse and a copy into a typed array.
 * Run: npx tsx bench/micro/protocol.ts
 */
import { parseInferRequest } from '../../service/protocol/request';
import { encodeInferResponse } from '../../service/protocol/response';
import type { TensorSignature } from '../../service/tensor';
import { processorTimeUs } from '../support/processor-time';

function signatureOf(shape: readonly (number | string)[], datatype: 'FP32' | 'INT64'): TensorSignature {
  return {
    inputs: [{ name: 'features', datatype, shape }],
    outputs: [
      { name: 'label', datatype: 'INT64', shape: ['batch'] },
      { name: 'probabilities', datatype: 'FP32', shape: ['batch', 2] },
    ],
  };
}

function jsonBody(shape: readonly number[], datatype: string, data: readonly number[]): Buffer {
  return Buffer.from(JSON.stringify({ inputs: [{ name: 'features', shape, datatype, data }] }));
}

function binaryBody(shape: readonly number[], data: Float32Array): { body: Buffer; headerLength: number } {
  const parameters = { binary_data_size: data.byteLength };
  const json = Buffer.from(JSON.stringify({ inputs: [{ name: 'features', shape, datatype: 'FP32', parameters }] }));
  return { body: Buffer.concat([json, new Uint8Array(data.buffer)]), headerLength: json.length };
}

/** The least that any server does: text, JSON.parse, one copy into a typed array. */
function bareParse(body: Buffer): Float32Array {
  const request = JSON.parse(body.toString());
  const data: number[] = request.inputs[0].data;
  const out = new Float32Array(data.length);
  for (let i = 0; i < data.length; i++) out[i] = data[i] ?? 0;
  return out;
}

function randomFloats(count: number): Float32Array {
  return Float32Array.from({ length: count }, () => Math.random() * 100);
}

function report(title: string, results: Map<string, number>): void {
  console.log(title);
  const [baseline] = results.values();
  for (const [name, us] of results) {
    console.log(
      `  ${name.padEnd(44)} ${us.toFixed(us < 100 ? 3 : 0).padStart(10)} µs  ${(us / (baseline ?? us)).toFixed(2)}×`,
    );
  }
}

const small = jsonBody(
  [1, 13],
  'FP32',
  [...randomFloats(13)].map((value) => Number(value.toFixed(4))),
);
const smallFloats = signatureOf(['batch', 13], 'FP32');
report(
  '13 floats, JSON',
  processorTimeUs({
    'JSON.parse and fill': () => bareParse(small),
    parseInferRequest: () => parseInferRequest(small, undefined, smallFloats),
  }),
);

const tokens = jsonBody(
  [1, 128],
  'INT64',
  Array.from({ length: 128 }, () => Math.floor(Math.random() * 30_000)),
);
const tokenSignature = signatureOf(['batch', 'sequence'], 'INT64');
report(
  '128 INT64 token ids, JSON',
  processorTimeUs({
    'JSON.parse and fill': () => bareParse(tokens),
    parseInferRequest: () => parseInferRequest(tokens, undefined, tokenSignature),
  }),
);

const large = Buffer.from(tokens.toString().replace(/"data":.*/, `"data":[${Array(128).fill('9007199254740993')}]}]}`));
report(
  '128 INT64 beyond 2^53, JSON (read twice)',
  processorTimeUs({
    'JSON.parse and fill': () => bareParse(large),
    parseInferRequest: () => parseInferRequest(large, undefined, tokenSignature),
  }),
);

const image = randomFloats(150_528);
const imageShape = [1, 3, 224, 224];
const imageSignature = signatureOf(['batch', 3, 224, 224], 'FP32');
const imageJson = jsonBody(imageShape, 'FP32', [...image]);
const imageBinary = binaryBody(imageShape, image);
report(
  '150,528 floats',
  processorTimeUs({
    'JSON.parse and fill': () => bareParse(imageJson),
    'parseInferRequest, JSON': () => parseInferRequest(imageJson, undefined, imageSignature),
    'parseInferRequest, binary': () => parseInferRequest(imageBinary.body, imageBinary.headerLength, imageSignature),
  }),
);

const label = {
  name: 'label',
  tensor: { datatype: 'INT64', shape: [1], data: BigInt64Array.of(1n) },
  binary: false,
} as const;
function probabilities(value: number) {
  const tensor = { datatype: 'FP32', shape: [1, 2], data: Float32Array.of(value, 1 - value) } as const;
  return { name: 'probabilities', tensor, binary: false };
}
const modelName = 'fraud-detection';
const modelVersion = '1';
const id = 'a1b2';
report(
  'encode a label and two probabilities, JSON',
  processorTimeUs({
    'JSON.stringify': () =>
      JSON.stringify({
        model_name: modelName,
        model_version: modelVersion,
        id,
        outputs: [
          { name: 'label', datatype: 'INT64', shape: [1], data: [1] },
          {
            name: 'probabilities',
            datatype: 'FP32',
            shape: [1, 2],
            data: Array.from(probabilities(Math.random()).tensor.data),
          },
        ],
      }),
    encodeInferResponse: () =>
      encodeInferResponse({ modelName, modelVersion, id, outputs: [label, probabilities(Math.random())] }),
  }),
);

const imageTensor = { datatype: 'FP32', shape: imageShape, data: image } as const;
report(
  'encode 150,528 floats',
  processorTimeUs({
    'JSON.stringify(Array.from())': () => JSON.stringify(Array.from(image)),
    'encodeInferResponse, JSON': () =>
      encodeInferResponse({
        modelName,
        modelVersion,
        id,
        outputs: [{ name: 'y', tensor: imageTensor, binary: false }],
      }),
    'encodeInferResponse, binary': () =>
      encodeInferResponse({ modelName, modelVersion, id, outputs: [{ name: 'y', tensor: imageTensor, binary: true }] }),
  }),
);
