import { type Static, type TSchema, Type } from 'typebox';
import { Aws } from './aws-schema';
import { CLOSED } from './closed';
import { DEFAULT_GPU, GPU_NAMES, GPUS } from './gpus';
import { UseCaseId } from './use-cases';

/** Names become those of Kubernetes objects: DNS labels (RFC 1123) that begin with a letter, as Services ask. */
const NAME = {
  pattern: '^[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?$',
  patternErrorMessage:
    'a name of at most 63 lower-case letters, digits and hyphens that begins with a letter and does not end with a hyphen',
};

/** Seconds for which a prediction is given again, where neither the spec nor the model.yaml says otherwise. */
export const DEFAULT_CACHE_TTL_SECONDS = 3600;

const MAX_TTL_SECONDS = 30 * 24 * 3600;

/** The largest rate that is still a rate and not a slip of the finger, in requests/s. */
const MAX_QPS = 100_000_000;
/** The largest number that usage plans of API Gateway count to. */
const MAX_QUOTA = 2 ** 31 - 1;
/** Factors on today's peak; what lies outside is a slip of the finger. */
export const GROWTH_BOUNDS = { minimum: 1, maximum: 1000 } as const;

/** A mapping from names that the user chooses. */
function named<const S extends TSchema>(
  entry: S,
  options: { description: string; minProperties?: number; default?: object },
) {
  const { pattern, patternErrorMessage } = NAME;
  return Type.Record(Type.String({ pattern }), entry, { ...CLOSED, patternErrorMessage, ...options });
}

const SloOverride = Type.Object(
  {
    p95Ms: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        maximum: 3_600_000,
        description: "Target in milliseconds: 95 of 100 requests are answered within it. Default: the use case's.",
      }),
    ),
    acceptableMs: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        maximum: 3_600_000,
        description:
          "Longest useful answer time in milliseconds; a request that would take longer is refused. Default: the use case's.",
      }),
    ),
  },
  { ...CLOSED, description: 'Replaces the latencies that the use case sets.' },
);

const Cache = Type.Object(
  {
    enabled: Type.Optional(
      Type.Boolean({
        description: 'Whether a prediction is given again for an equal row. Default: as in model.yaml, else true.',
      }),
    ),
    ttlSeconds: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        maximum: MAX_TTL_SECONDS,
        description: `Seconds for which it is given again. Default: as in model.yaml, else ${DEFAULT_CACHE_TTL_SECONDS}.`,
      }),
    ),
  },
  { ...CLOSED, description: 'Prediction cache of this model; what is set here goes before its model.yaml.' },
);

const Features = Type.Object(
  {
    view: Type.String({
      minLength: 1,
      maxLength: 200,
      description: 'Feature view that is joined by entity, such as user.',
    }),
    ttlSeconds: Type.Number({
      exclusiveMinimum: 0,
      maximum: MAX_TTL_SECONDS,
      default: 300,
      description: 'Seconds for which features once fetched are used again.',
    }),
  },
  { ...CLOSED, description: 'Features that the service fetches itself.' },
);

const Model = Type.Object(
  {
    useCase: UseCaseId,
    path: Type.String({
      minLength: 1,
      maxLength: 1000,
      description:
        'Folder of the model, <version>/model.onnx below it, relative to this file; or s3://BUCKET/PREFIX or https://HOST/PATH, to which headroom push brought one.',
    }),
    peakQps: Type.Number({
      minimum: 0,
      maximum: MAX_QPS,
      description: "Requests/s at today's busiest moment; 0 for a model that only batch jobs use.",
    }),
    pool: Type.String({ ...NAME, description: 'The pool that serves it, one of those under pools.' }),
    slo: Type.Optional(SloOverride),
    cache: Type.Optional(Cache),
    features: Type.Optional(Features),
  },
  { ...CLOSED, description: 'One model.' },
);

const replicas = (value: number, description: string) =>
  Type.Integer({ minimum: 1, maximum: 10_000, default: value, description });

const Pool = Type.Object(
  {
    hardware: Type.Enum(['cpu', 'gpu'], { default: 'cpu', description: 'What its models run on.' }),
    gpu: Type.Optional(
      Type.Enum([...GPU_NAMES], {
        description: `Which GPU, for hardware: gpu; ${GPU_NAMES.map((name) => `${name}: ${GPUS[name]}`).join('; ')}. Default: ${DEFAULT_GPU}.`,
      }),
    ),
    capacity: Type.Optional(
      Type.Enum(['on-demand', 'spot', 'capacity-block'], {
        description:
          'How the nodes of a GPU pool on AWS are paid: on-demand by the second; spot for less, but AWS may take them back with two minutes of notice; capacity-block ahead for a time. Pools of one GPU share its nodes. Default: on-demand.',
      }),
    ),
    capacityBlock: Type.Optional(
      Type.String({
        pattern: '^cr-[0-9a-f]{17}$',
        patternErrorMessage: 'the id of a Capacity Block such as cr-0123456789abcdef0',
        description: 'Id of the Capacity Block that was bought, for capacity: capacity-block.',
      }),
    ),
    minReplicas: replicas(2, 'Replicas that run even without traffic; two survive the loss of a node.'),
    maxReplicas: replicas(20, 'Replicas that it never exceeds.'),
    cpuUtilization: Type.Integer({
      minimum: 1,
      maximum: 100,
      default: 70,
      description: 'Percent of the requested CPU above which replicas are added.',
    }),
    scaler: Type.Enum(['hpa', 'keda'], {
      default: 'hpa',
      description: 'hpa: HorizontalPodAutoscaler on CPU and p95; keda: a KEDA ScaledObject on the same signals.',
    }),
  },
  { ...CLOSED, description: 'Equal replicas that serve the same models: one Deployment, one autoscaler.' },
);

const Consumer = Type.Object(
  {
    rateQps: Type.Number({
      exclusiveMinimum: 0,
      maximum: MAX_QPS,
      description: 'Requests/s that it may send steadily.',
    }),
    burst: Type.Integer({
      minimum: 1,
      maximum: MAX_QPS,
      description: 'Requests that it may send at once, at least as many as rateQps.',
    }),
    quotaPerDay: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: MAX_QUOTA,
        description: 'Requests that it may send in a day. Default: no quota.',
      }),
    ),
    clientId: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 256,
        description: 'What its tokens call it, with aws.authorization: {type: jwt}. Default: its name.',
      }),
    ),
  },
  { ...CLOSED, description: 'Who calls, with an API key of its own, or tokens: see aws.authorization.' },
);

const Kubernetes = Type.Object(
  {
    platform: Type.Optional(
      Type.Enum(['eks', 'generic'], {
        description: 'eks, or generic: any conformant cluster. Default: eks where aws is given, else generic.',
      }),
    ),
  },
  { ...CLOSED, description: 'The cluster in which the pools run.', default: {} },
);

/** headroom.yaml: the one definition of which the static type, the validation and the published JSON Schema are made. */
export const SpecSchema = Type.Object(
  {
    name: Type.String({ ...NAME, description: 'Name of the system, part of the name of everything that is made.' }),
    models: named(Model, { description: 'The models by name, as in the URLs of the service.', minProperties: 1 }),
    pools: named(Pool, {
      description: 'Groups of equal replicas by name; each serves at least one model.',
      minProperties: 1,
    }),
    consumers: named(Consumer, { description: 'Callers by name, with what each may send.', default: {} }),
    growth: Type.Number({
      ...GROWTH_BOUNDS,
      default: 10,
      description: "Factor on today's peak for which the system is designed.",
    }),
    aws: Type.Optional(Aws),
    kubernetes: Kubernetes,
  },
  { ...CLOSED, title: 'Headroom spec (headroom.yaml)' },
);

/** A spec as written, with the schema's defaults. */
export type SpecDocument = Static<typeof SpecSchema>;
