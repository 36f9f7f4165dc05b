import { Type } from 'typebox';
import { CLOSED } from './closed';
import { DEFAULT_TOKEN_KEY, SECRET_KEY, SECRET_NAME } from './token-secret';

const REGION = {
  pattern: '^[a-z]{2}(?:-[a-z]+)+-[1-9]$',
  patternErrorMessage: 'an AWS region such as eu-west-1',
};

const DOMAIN = {
  pattern: '^(?:[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?\\.)+[a-z]{2,63}$',
  patternErrorMessage: 'a lower-case domain name such as predict.example.com',
};

/** One of the four numbers of an IPv4 address. */
const OCTET = '(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])';

const HostedZone = Type.Object(
  {
    name: Type.String({ ...DOMAIN, description: 'Domain of the Route 53 hosted zone, such as example.com.' }),
    id: Type.String({
      pattern: '^Z[A-Z0-9]{1,31}$',
      patternErrorMessage: 'the id of a hosted zone such as Z0123456789ABCDEFGHIJ',
      description: 'Id of the hosted zone.',
    }),
  },
  { ...CLOSED, description: 'Route 53 zone in which the domain is entered.' },
);

const Redis = Type.Object(
  {
    engine: Type.Enum(['redis', 'valkey'], { default: 'redis', description: 'Engine of ElastiCache.' }),
    serverless: Type.Boolean({
      default: false,
      description: 'Whether it is paid by what it holds and does instead of by nodes, for load that comes in spikes.',
    }),
  },
  {
    ...CLOSED,
    description:
      'Redis that replicas share. Default: by the tier, of which small has none; there, {} asks for the smallest.',
  },
);

const NETWORK = {
  pattern: `^${OCTET}(?:\\.${OCTET}){3}/(?:[12]?[0-9]|3[0-2])$`,
  patternErrorMessage: 'a network such as 203.0.113.0/24',
};

const Cluster = Type.Object(
  {
    administrators: Type.Array(
      Type.String({
        pattern: '^arn:aws:iam::[0-9]{12}:role/[\\w+=,.@/-]{1,576}$',
        patternErrorMessage: 'the ARN of a role such as arn:aws:iam::123456789012:role/platform',
      }),
      {
        uniqueItems: true,
        default: [],
        description: 'ARNs of the IAM roles that may do everything in the cluster. Default: none.',
      },
    ),
    publicAccessCidrs: Type.Array(Type.String(NETWORK), {
      maxItems: 40,
      uniqueItems: true,
      default: [],
      description:
        'Networks on the Internet from which the Kubernetes API is reached. Default: none, it is reached from within the VPC alone.',
    }),
  },
  { ...CLOSED, description: 'Who administers the EKS cluster, and from where.', default: {} },
);

const HTTPS_URL = {
  pattern: '^https://[^\\s/?#]+[^\\s?#]*$',
  patternErrorMessage: 'an https URL such as https://login.example.com/',
  maxLength: 256,
};

const by = <const Name extends string>(name: Name) =>
  Type.Literal(name, { description: 'How a caller shows that it may call.' });

const Authorization = Type.Union(
  [
    Type.Object({ type: by('api-key') }, { ...CLOSED, description: 'By the API key of a consumer alone.' }),
    Type.Object(
      {
        type: by('cognito'),
        userPools: Type.Array(
          Type.String({
            pattern: '^[a-z]{2}(?:-[a-z]+)+-[1-9]_[0-9A-Za-z]{1,50}$',
            patternErrorMessage: 'the id of a user pool such as eu-west-1_AbCdEf123',
          }),
          { minItems: 1, maxItems: 10, uniqueItems: true, description: 'Ids of the user pools, of the same account.' },
        ),
        scopes: Type.Optional(
          Type.Array(Type.String({ minLength: 1, maxLength: 256 }), {
            minItems: 1,
            uniqueItems: true,
            description:
              'Scopes of which an access token must have one, such as predict/read. Default: identity tokens are taken.',
          }),
        ),
      },
      { ...CLOSED, description: "By a token of a Cognito user pool, beside the consumer's API key." },
    ),
    Type.Object(
      {
        type: by('jwt'),
        issuer: Type.String({ ...HTTPS_URL, description: 'Who signs the tokens: their claim iss, letter by letter.' }),
        audience: Type.Array(Type.String({ minLength: 1, maxLength: 256 }), {
          minItems: 1,
          maxItems: 10,
          uniqueItems: true,
          description: 'For whom they are signed: one of these must be their claim aud, or in it.',
        }),
        jwksUrl: Type.String({
          ...HTTPS_URL,
          description: "Where the issuer's public keys are on the Internet (jwks_uri in its openid-configuration).",
        }),
        clientClaim: Type.String({
          minLength: 1,
          maxLength: 256,
          default: 'client_id',
          description: 'Claim that names the consumer.',
        }),
      },
      { ...CLOSED, description: 'By a token (JWT) of any issuer, which also says whose rate and quota it is.' },
    ),
    Type.Object(
      { type: by('iam') },
      { ...CLOSED, description: "By a signature of AWS, beside the consumer's API key." },
    ),
  ],
  {
    default: { type: 'api-key' },
    description: 'How callers of the API gateway show that they may call. Default: by API key.',
  },
);

const TokenSecret = Type.Object(
  {
    name: Type.String({
      pattern: `^${SECRET_NAME}$`,
      patternErrorMessage: 'the name of a Secret such as feast',
      description: 'Name of the Secret.',
    }),
    key: Type.String({
      pattern: `^${SECRET_KEY}$`,
      patternErrorMessage: 'a key in the data of a Secret such as token',
      default: DEFAULT_TOKEN_KEY,
      description: 'Key in its data.',
    }),
  },
  { ...CLOSED, description: 'Secret in the namespace of the system with the token that a server of HTTP asks for.' },
);

const FeatureStore = Type.Object(
  {
    url: Type.String({
      minLength: 1,
      maxLength: 1000,
      description:
        'redis[s]://host[:port], http[s]://host[:port] or dynamodb://table, which is looked for in the region of the replicas, with ?region=eu-west-1 in another; without credentials.',
    }),
    tokenSecret: Type.Optional(TokenSecret),
  },
  { ...CLOSED, description: 'Where replicas read features by entity. Default: features lie beside the models.' },
);

/** Where on AWS a system is deployed. */
export const Aws = Type.Object(
  {
    region: Type.String({ ...REGION, description: 'Region of everything that is not global.' }),
    account: Type.Optional(
      Type.String({
        pattern: '^[0-9]{12}$',
        patternErrorMessage: "an account of 12 digits in quotes such as '123456789012'",
        description: 'Account, 12 digits in quotes. Default: that of the credentials used to deploy.',
      }),
    ),
    environment: Type.Enum(['dev', 'prod'], {
      default: 'prod',
      description:
        'prod: stacks are protected, and what holds data stays when they are deleted; dev: everything goes with its stack.',
    }),
    domain: Type.Optional(
      Type.String({ ...DOMAIN, description: 'Name under which clients reach the endpoint, over TLS.' }),
    ),
    hostedZone: Type.Optional(HostedZone),
    redis: Type.Optional(Redis),
    featureStore: Type.Optional(FeatureStore),
    authorization: Authorization,
    cluster: Cluster,
    modelReaders: Type.Array(Type.String(NETWORK), {
      maxItems: 100,
      uniqueItems: true,
      default: [],
      description:
        'Networks outside AWS, such as those of shops or plants, whose machines fetch models, through CloudFront. Default: none.',
    }),
    budgetUsdPerMonth: Type.Optional(
      Type.Number({ exclusiveMinimum: 0, description: 'US dollars a month above which an alarm is raised.' }),
    ),
    regions: Type.Array(Type.String(REGION), {
      uniqueItems: true,
      default: [],
      description: 'Further regions that serve the same models, for the very large tier.',
    }),
  },
  { ...CLOSED, description: 'Where on AWS it is deployed.' },
);
