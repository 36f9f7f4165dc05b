import Type, { type Static } from 'typebox';

/**
 * Schemas of the API's documentation. They describe, they do not validate: the codecs read the bodies themselves and
 * name the input, row or feature that is wrong, which a JSON Schema cannot.
 */

export const errorBody = Type.Object({ error: Type.String({ description: 'what is wrong, in one sentence' }) });

const problems = {
  400: { ...errorBody, description: 'the request is wrong; the sentence names the input and the value' },
  404: { ...errorBody, description: 'no such model or version' },
  413: { ...errorBody, description: 'the body is too large' },
  415: { ...errorBody, description: 'a content type or encoding that is not supported' },
  503: {
    ...errorBody,
    description: 'not ready, overloaded or too late; the header retry-after says when to come back',
  },
};

export const modelParams = Type.Object({
  model: Type.String({ description: 'name of the model' }),
  version: Type.Optional(Type.String({ description: 'version of the model; left out: the newest' })),
});
export type ModelParams = Static<typeof modelParams>;

export const targetParams = Type.Object({
  model: Type.Optional(Type.String({ description: 'name of the model' })),
  target: Type.String({ description: 'name of the model, or its version' }),
});
export type TargetParams = Static<typeof targetParams>;

const datatype = Type.String({
  description: 'BOOL, UINT8 to UINT64, INT8 to INT64, FP16 (binary only), FP32, FP64 or BYTES',
  examples: ['FP32'],
});
const parameters = Type.Optional(Type.Record(Type.String(), Type.Unknown()));
const data = Type.Array(Type.Unknown(), { description: 'elements in row-major order, flat or nested' });

export const inferSchema = {
  tags: ['inference'],
  summary: 'Open Inference Protocol v2: infer',
  description:
    'JSON; or, with the header inference-header-content-length, JSON of that many bytes followed by binary tensors.',
  params: modelParams,
  consumes: ['application/json', 'application/octet-stream'],
  body: Type.Object({
    id: Type.Optional(Type.String({ description: 'sent back unchanged' })),
    parameters: Type.Optional(
      Type.Object({
        timeout: Type.Optional(Type.Integer({ description: 'microseconds the caller is willing to wait' })),
        binary_data_output: Type.Optional(Type.Boolean({ description: 'answer with binary tensors' })),
      }),
    ),
    inputs: Type.Array(
      Type.Object({
        name: Type.String(),
        shape: Type.Array(Type.Integer({ minimum: 0 })),
        datatype,
        parameters,
        data: Type.Optional(data),
      }),
    ),
    outputs: Type.Optional(Type.Array(Type.Object({ name: Type.String(), parameters }))),
  }),
  response: {
    200: {
      ...Type.Object({
        model_name: Type.String(),
        model_version: Type.String(),
        id: Type.Optional(Type.String()),
        outputs: Type.Array(
          Type.Object({ name: Type.String(), datatype, shape: Type.Array(Type.Integer()), data: Type.Optional(data) }),
        ),
      }),
      description: 'the outputs, in the order in which they were asked for',
    },
    ...problems,
  },
};

export const predictSchema = {
  tags: ['prediction'],
  summary: 'Predict from features or from an image',
  description: 'Feature dictionaries as JSON, or one image as the body (content type image/jpeg or image/png).',
  params: targetParams,
  consumes: ['application/json', 'image/jpeg', 'image/png'],
  body: Type.Object({
    instances: Type.Array(Type.Record(Type.String(), Type.Unknown()), {
      description: "one object per prediction, with the features of the model's model.yaml",
    }),
  }),
  response: {
    200: {
      ...Type.Object({
        predictions: Type.Array(Type.Unknown(), { description: 'one per instance, with labels and scores' }),
      }),
      description: 'one prediction per instance',
    },
    ...problems,
  },
};

export const serverSchema = { tags: ['metadata'], summary: 'Name, version and extensions of the server' };

export const metadataSchema = {
  tags: ['metadata'],
  summary: 'Inputs, outputs, versions and artifact digest of a model',
  params: modelParams,
  response: { 404: problems[404], 503: problems[503] },
};

export const modelReadySchema = {
  tags: ['health'],
  summary: 'Whether the model answers requests',
  params: modelParams,
  response: { 404: problems[404], 503: problems[503] },
};

export const indexSchema = {
  tags: ['metadata'],
  summary: 'All models and versions with their state, and the reason where one is not ready',
};

export const loadSchema = { tags: ['administration'], summary: 'Load a model, or load it again', params: modelParams };
export const unloadSchema = { tags: ['administration'], summary: 'Take a model out of service', params: modelParams };
