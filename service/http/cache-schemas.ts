import Type, { type Static } from 'typebox';
import { errorBody, modelParams } from './schemas';

const entityParams = Type.Object({
  model: Type.String({ description: 'name of the model' }),
  entity: Type.String({ description: 'the entity whose predictions are to be forgotten' }),
});
export type EntityParams = Static<typeof entityParams>;

const rowsQuery = Type.Object({
  version: Type.Optional(Type.String({ description: 'version of the model; left out: the newest' })),
});
export type RowsQuery = Static<typeof rowsQuery>;

const tags = ['administration'];

const problems = {
  404: { ...errorBody, description: 'no such model, or nothing is cached here' },
  503: { ...errorBody, description: 'only this replica has forgotten, the shared cache cannot be reached; try again' },
};

const counts = (names: readonly string[]) =>
  Type.Object(Object.fromEntries(names.map((name) => [name, Type.Number()])));

export const cacheReportSchema = {
  tags,
  summary: 'What the prediction cache of this replica did so far, by layer and by model',
  response: {
    200: {
      ...Type.Object({
        layers: Type.Array(
          Type.Object({
            layer: Type.String({ description: 'memory: in this process; redis: shared by replicas' }),
            available: Type.Boolean({ description: 'false while the layer is left alone because it failed' }),
            lookups: counts(['hit', 'miss', 'stale', 'error', 'skipped']),
            writes: counts(['written', 'dropped', 'error']),
            bytes: counts(['read', 'written']),
          }),
        ),
        memory: Type.Object({ rows: Type.Number(), bytes: Type.Number() }),
        models: Type.Array(
          Type.Object({
            name: Type.String(),
            version: Type.String(),
            ttlSeconds: Type.Number({ description: 'life of a prediction; 0: the model is not cached' }),
            rows: counts(['hit', 'joined', 'miss']),
            hitRatio: Type.Union([Type.Number(), Type.Null()], { description: 'null before the first row' }),
            bypassed: Type.Boolean({ description: 'true while requests pass by the cache because it never hit' }),
          }),
        ),
      }),
      description: 'counts since the start of this replica',
    },
    404: problems[404],
  },
};

const invalidated = {
  200: {
    ...Type.Object({
      model: Type.String(),
      scope: Type.String({ description: 'model, rows or entity' }),
      removedShared: Type.Union([Type.Number(), Type.Null()], {
        description: 'rows removed from the cache that replicas share; null where they share none',
      }),
    }),
    description: 'this replica has forgotten, and where a cache is shared, all others were told',
  },
  ...problems,
};

export const invalidateModelSchema = {
  tags,
  summary: 'Forget all predictions of a model, on every replica that shares a cache with this one',
  params: modelParams,
  response: invalidated,
};

export const invalidateRowsSchema = {
  tags,
  summary: 'Forget the predictions of rows',
  description:
    'The body is that of a prediction, in any of its forms: instances, an image, or tensors as JSON or binary. The rows ' +
    'are forgotten whichever outputs they were asked for; of models with more than four outputs: all outputs in their ' +
    'order, each by itself, and those that the body asks for.',
  params: modelParams,
  querystring: rowsQuery,
  consumes: ['application/json', 'application/octet-stream', 'image/jpeg', 'image/png'],
  response: { ...invalidated, 400: { ...errorBody, description: 'the rows cannot be read' } },
};

export const invalidateEntitySchema = {
  tags,
  summary: 'Forget the predictions that were made for an entity',
  params: entityParams,
  response: invalidated,
};
