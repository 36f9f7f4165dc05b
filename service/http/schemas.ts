import Type, { type Static } from 'typebox';
import { HEADERS } from '../../lib/contract';

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

export const entityParams = Type.Object({
  ...modelParams.properties,
  entity: Type.String({ description: 'the entity, as the feature store names it' }),
});
export type EntityParams = Static<typeof entityParams>;

const datatype = Type.String({
  description: 'BOOL, UINT8 to UINT64, INT8 to INT64, FP16 (binary only), FP32, FP64 or BYTES',
  examples: ['FP32'],
});
const parameters = Type.Optional(Type.Record(Type.String(), Type.Unknown()));
const data = Type.Array(Type.Unknown(), { description: 'elements in row-major order, flat or nested' });

/** Headers of every prediction. */
const predictionHeaders = {
  [HEADERS.modelVersion]: Type.String({ description: 'the version of the model that answered', examples: ['3'] }),
  [HEADERS.cache]: Type.String({ description: 'hit, partial (some rows), miss, or off' }),
};

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
      headers: predictionHeaders,
    },
    ...problems,
  },
};

/** Headers of predictions that features may have been joined to. */
const featureHeaders = {
  ...predictionHeaders,
  [HEADERS.features]: Type.String({
    description:
      'instances by source of their features: request, cached, fetched, stale, unknown (the store does not know the ' +
      'entity), defaults (the store failed)',
    examples: ['cached=2, fetched=1'],
  }),
  [HEADERS.featuresAsOf]: Type.String({
    format: 'date-time',
    description: 'the earliest time at which any joined feature was computed, else read',
  }),
};

export const predictSchema = {
  tags: ['prediction'],
  summary: 'Predict from features or from an image',
  description: 'Feature dictionaries as JSON, or one image as the body (content type image/jpeg or image/png).',
  params: targetParams,
  consumes: ['application/json', 'image/jpeg', 'image/png'],
  body: Type.Object({
    instances: Type.Array(
      Type.Union([
        Type.Object({
          entity: Type.String({ description: 'whose features are joined, where the model has a featureView' }),
          features: Type.Optional(
            Type.Record(Type.String(), Type.Unknown(), { description: 'features that stand instead of stored ones' }),
          ),
        }),
        Type.Record(Type.String(), Type.Unknown(), { description: "the features of the model's model.yaml" }),
      ]),
      { description: 'one object per prediction' },
    ),
  }),
  response: {
    200: {
      ...Type.Object({
        predictions: Type.Array(Type.Unknown(), { description: 'one per instance, with labels and scores' }),
      }),
      description: 'one prediction per instance',
      headers: featureHeaders,
    },
    ...problems,
  },
};

export const entitySchema = {
  tags: ['prediction'],
  summary: 'Predict for an entity from its stored features',
  description:
    'For models with a featureView. Made for caches on the way: a strong ETag, Cache-Control by the lives of ' +
    'prediction and features, and 304 for If-None-Match. Private, unless model.yaml says cache: {public: true}.',
  params: entityParams,
  headers: Type.Object({
    'if-none-match': Type.Optional(Type.String({ description: 'entity tags of answers that the caller has' })),
  }),
  response: {
    200: {
      ...Type.Object({ entity: Type.String(), prediction: Type.Unknown() }),
      description: 'the prediction, worded as by :predict',
      headers: {
        ...featureHeaders,
        etag: Type.String({ description: 'strong: equal for equal bytes' }),
        'cache-control': Type.String({ examples: ['private, max-age=300, stale-while-revalidate=30'] }),
        vary: Type.String(),
      },
    },
    304: { type: 'null', description: 'the caller has the answer' },
    ...problems,
    404: { ...errorBody, description: 'no such model, no featureView, or an entity that nothing is known of' },
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

export const loadSchema = {
  tags: ['administration'],
  summary: 'Load a model, or load it again',
  params: modelParams,
  response: { 404: problems[404], 503: problems[503] },
};

export const unloadSchema = {
  tags: ['administration'],
  summary: 'Take a model out of service',
  params: modelParams,
  response: { 404: problems[404] },
};
