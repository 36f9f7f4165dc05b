import { type Static, Type } from 'typebox';

/** What holds where neither model.yaml nor the spec says otherwise. */
export const VIEW_DEFAULTS = {
  ttlSeconds: 300,
  unknownTtlSeconds: 10,
  staleSeconds: 600,
  budgetMs: 25,
  onStoreError: 'reject',
} as const;

/** featureView of model.yaml: which features are joined by entity, and what holds where they cannot be. */
export const FeatureViewSchema = Type.Object(
  {
    name: Type.String({
      minLength: 1,
      maxLength: 200,
      pattern: '^[A-Za-z0-9_.-]+$',
      patternErrorMessage: 'a name of letters, digits, dots, dashes and underscores',
      description: 'Name of the view in the feature store, such as user.',
    }),
    joinKey: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 200,
        description: 'Column or key that holds the entity in the store; the name of the view and _id if left out.',
      }),
    ),
    features: Type.Optional(
      Type.Array(Type.String({ minLength: 1 }), {
        minItems: 1,
        description: 'Names of the features that the view has; all of the model if left out.',
      }),
    ),
    file: Type.Optional(
      Type.String({
        pattern: '^[^/\\\\]+\\.(jsonl|parquet)$',
        patternErrorMessage: 'the name of a .jsonl or .parquet file beside model.yaml',
        description: 'File of features beside model.yaml, read where the service is given no --feature-store.',
      }),
    ),
    ttlSeconds: Type.Number({
      exclusiveMinimum: 0,
      default: VIEW_DEFAULTS.ttlSeconds,
      description: 'How long features once fetched are used again.',
    }),
    unknownTtlSeconds: Type.Number({
      minimum: 0,
      default: VIEW_DEFAULTS.unknownTtlSeconds,
      description: 'How long it is remembered that the store does not know an entity.',
    }),
    staleSeconds: Type.Number({
      minimum: 0,
      default: VIEW_DEFAULTS.staleSeconds,
      description: 'How much longer features are used while the store fails.',
    }),
    budgetMs: Type.Integer({
      minimum: 6,
      maximum: 10_000,
      default: VIEW_DEFAULTS.budgetMs,
      description: 'Longest time that a request waits for a remote store, in milliseconds.',
    }),
    onStoreError: Type.Enum(['reject', 'defaults'], {
      default: VIEW_DEFAULTS.onStoreError,
      description: 'What is answered where the store fails: 503, or a prediction from the defaults of the features.',
    }),
  },
  {
    additionalProperties: false,
    description: 'Features that the service joins itself where a request names an entity.',
  },
);

/** Which features of a model are joined by entity. */
export type FeatureViewDescription = Static<typeof FeatureViewSchema>;
