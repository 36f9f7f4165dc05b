import { type Static, Type } from 'typebox';
import { ProvenanceSchema } from '../../lib/spec/provenance';
import { RUN_SETTINGS } from '../../lib/spec/run-settings';
import { UseCaseId } from '../../lib/spec/use-cases';
import { PROVIDERS } from '../provider';
import { FeatureViewSchema } from './view-schema';

/** Unknown keys are refused: a mistyped one would silently do nothing. */
const CLOSED = { additionalProperties: false } as const;

const NAME_LENGTH = { minLength: 1, maxLength: 200 } as const;

const featureFields = {
  name: Type.String({ ...NAME_LENGTH, description: 'Key of the feature in a request.' }),
  description: Type.Optional(Type.String({ description: 'What the feature means, for people.' })),
  optional: Type.Optional(
    Type.Boolean({ description: 'The feature may be left out; without a default it is then NaN.' }),
  ),
  input: Type.Optional(
    Type.String({
      minLength: 1,
      description: 'The model input it feeds, if not the one that holds all other features.',
    }),
  ),
};

const MINIMUM = { description: 'Least value allowed.' } as const;
const MAXIMUM = { description: 'Greatest value allowed.' } as const;
const DEFAULT = { description: 'Stands for the feature where it is left out.' } as const;

const NumberFeature = Type.Object(
  {
    ...featureFields,
    type: Type.Literal('number', { description: 'A number.' }),
    minimum: Type.Optional(Type.Number(MINIMUM)),
    maximum: Type.Optional(Type.Number(MAXIMUM)),
    default: Type.Optional(Type.Number(DEFAULT)),
  },
  CLOSED,
);

const IntegerFeature = Type.Object(
  {
    ...featureFields,
    type: Type.Literal('integer', { description: 'A whole number.' }),
    minimum: Type.Optional(Type.Integer(MINIMUM)),
    maximum: Type.Optional(Type.Integer(MAXIMUM)),
    default: Type.Optional(Type.Integer(DEFAULT)),
  },
  CLOSED,
);

const BooleanFeature = Type.Object(
  {
    ...featureFields,
    type: Type.Literal('boolean', { description: 'true or false; a column of numbers holds 1 or 0.' }),
    default: Type.Optional(Type.Boolean(DEFAULT)),
  },
  CLOSED,
);

const CategoryFeature = Type.Object(
  {
    ...featureFields,
    type: Type.Literal('category', { description: 'One of a list of words.' }),
    categories: Type.Array(Type.String(), {
      minItems: 1,
      description: 'The allowed values; a column of numbers holds their position in this list, from 0.',
    }),
    default: Type.Optional(Type.String(DEFAULT)),
  },
  CLOSED,
);

const TextFeature = Type.Object(
  {
    ...featureFields,
    type: Type.Literal('text', { description: 'Any text, for an input of strings.' }),
    default: Type.Optional(Type.String(DEFAULT)),
  },
  CLOSED,
);

export const FeatureSchema = Type.Union([NumberFeature, IntegerFeature, BooleanFeature, CategoryFeature, TextFeature]);

/** One named value of a request's instance. */
export type Feature = Static<typeof FeatureSchema>;

export const ImageSchema = Type.Object(
  {
    input: Type.Optional(
      Type.String({ minLength: 1, description: "The model's image input; its only input if left out." }),
    ),
    width: Type.Integer({ minimum: 1, maximum: 8192, description: 'Width the model takes, in pixels.' }),
    height: Type.Integer({ minimum: 1, maximum: 8192, description: 'Height the model takes, in pixels.' }),
    channels: Type.Enum([1, 3], { description: '1: grey, 3: red, green, blue.' }),
    layout: Type.Enum(['NCHW', 'NHWC'], {
      default: 'NCHW',
      description: 'NCHW: channels in planes; NHWC: channels of a pixel side by side.',
    }),
    fit: Type.Enum(['contain', 'cover', 'fill'], {
      default: 'contain',
      description: 'contain: whole image on background; cover: fills the frame, cut at the sides; fill: stretched.',
    }),
    background: Type.Integer({
      minimum: 0,
      maximum: 255,
      default: 0,
      description: 'Grey level around a contained image and behind transparent pixels.',
    }),
    invert: Type.Boolean({ default: false, description: 'Each pixel p becomes 255 - p before scaling.' }),
    scale: Type.Optional(
      Type.Number({ description: 'Factor on each pixel 0..255; 1/255 if left out (1 for an integer input).' }),
    ),
    mean: Type.Optional(Type.Array(Type.Number(), { description: 'Per channel, subtracted after scaling.' })),
    std: Type.Optional(
      Type.Array(Type.Number(), { description: 'Per channel, divided by after subtracting the mean.' }),
    ),
  },
  { ...CLOSED, description: 'How a JPEG or PNG in a request becomes the input of the model.' },
);

/** How an uploaded image becomes the model's input. */
export type ImageDescription = Static<typeof ImageSchema>;

const predictionOutput = Type.String({ minLength: 1, description: 'Name of the ONNX output that is answered.' });

const labelled = {
  output: predictionOutput,
  labels: Type.Array(Type.String(NAME_LENGTH), {
    minItems: 1,
    description: 'One for each value of the output, in its order.',
  }),
  top: Type.Optional(Type.Integer({ minimum: 1, description: 'How many to answer, best first; 5 if left out.' })),
};

export const PredictionSchema = Type.Union(
  [
    Type.Object(
      { type: Type.Literal('classification', { description: 'The best label and the best few.' }), ...labelled },
      CLOSED,
    ),
    Type.Object({ type: Type.Literal('recommendation', { description: 'The best few items.' }), ...labelled }, CLOSED),
    Type.Object({ type: Type.Literal('score', { description: 'A single number.' }), output: predictionOutput }, CLOSED),
  ],
  { description: 'What is answered to :predict; all outputs if left out.' },
);

/** What of the model's outputs is answered, in words that people read. */
export type PredictionDescription = Static<typeof PredictionSchema>;

const InstancesExample = Type.Object(
  {
    instances: Type.Array(Type.Record(Type.String(), Type.Unknown()), { minItems: 1, description: 'As in a request.' }),
  },
  CLOSED,
);

export const ExampleSchema = Type.Union([InstancesExample, Type.String({ minLength: 1 })], {
  description: 'Instances as in a request, or for an image model the name of an image file beside model.yaml.',
});

/** A request that the model answers. */
export type Example = Static<typeof ExampleSchema>;

const Cache = Type.Object(
  {
    enabled: Type.Boolean({ default: true, description: 'false: every request runs the model.' }),
    ttlSeconds: Type.Optional(
      Type.Number({ exclusiveMinimum: 0, description: 'How long an answer may be given again.' }),
    ),
    public: Type.Boolean({
      default: false,
      description: "true: answers to GET …/entities/{id} are nobody's secret, and a CDN may keep them for everyone.",
    }),
  },
  { ...CLOSED, description: 'Whether answers to equal rows are kept.' },
);

const Runtime = Type.Object(
  {
    executor: Type.Enum(['auto', 'inline', 'worker'], {
      default: 'auto',
      description: 'inline: on the event loop; worker: beside it; auto: what measures better at load.',
    }),
    ...RUN_SETTINGS,
    provider: Type.Optional(
      Type.Enum([...PROVIDERS], {
        description: 'What it runs on: cpu, cuda or tensorrt; what a provider cannot run falls to the next.',
      }),
    ),
  },
  { ...CLOSED, description: 'How the model is run, where the measured choice is not wanted.' },
);

/** model.yaml: what people and the service have to know of a model beyond what its ONNX file says. */
export const ModelSchema = Type.Object(
  {
    description: Type.Optional(Type.String({ description: 'What the model tells, in one sentence.' })),
    useCase: Type.Optional(UseCaseId),
    features: Type.Optional(
      Type.Array(FeatureSchema, { minItems: 1, description: 'Features of an instance, in the order of the columns.' }),
    ),
    featureView: Type.Optional(FeatureViewSchema),
    image: Type.Optional(ImageSchema),
    prediction: Type.Optional(PredictionSchema),
    cache: Type.Optional(Cache),
    runtime: Type.Optional(Runtime),
    example: Type.Optional(ExampleSchema),
    provenance: Type.Optional(ProvenanceSchema),
  },
  { ...CLOSED, title: 'Headroom model description (model.yaml)' },
);
