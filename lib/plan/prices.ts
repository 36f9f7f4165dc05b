import { type Static, Type } from 'typebox';
import { checkedJson } from './checked-json';
import { PlanInputError } from './errors';

const Amount = Type.Number({ minimum: 0, description: 'Price of one unit.' });

const PriceList = Type.Object(
  {
    region: Type.String({ minLength: 1, description: 'AWS region, or * for what costs the same everywhere.' }),
    date: Type.String({
      pattern: '^\\d{4}-\\d{2}(-\\d{2})?$',
      patternErrorMessage: 'a date such as 2026-07-20',
      description: 'When these prices were valid.',
    }),
    source: Type.String({ minLength: 1, description: 'Where they were read.' }),
    prices: Type.Record(
      Type.String(),
      Type.Union([
        Amount,
        Type.Array(Type.Object({ upTo: Type.Optional(Type.Number({ exclusiveMinimum: 0 })), price: Amount }), {
          minItems: 1,
          description: 'Price of one unit by volume a month, in rising order; the last is without upTo.',
        }),
      ]),
      { description: 'By item, as ec2/c7g.xlarge.' },
    ),
  },
  { additionalProperties: false },
);

/** A file of prices. Of two lists with the same item and region, the later one counts. */
export const PricesSchema = Type.Object(
  { currency: Type.String({ minLength: 1 }), lists: Type.Array(PriceList, { minItems: 1 }) },
  { additionalProperties: false },
);

type PricesDocument = Static<typeof PricesSchema>;
type PriceEntry = PricesDocument['lists'][number]['prices'][string];

/** What is priced besides machines, each with its unit. */
export const PRICE_UNITS = {
  'eks/cluster': 'hour',
  'nat-gateway': 'hour',
  'nat-gateway/traffic': 'GB',
  'interface-endpoint': 'hour in a zone',
  'load-balancer': 'hour',
  'load-balancer/lcu': 'LCU-hour',
  'api-gateway/requests': 'million requests',
  'cloudfront/requests': 'million requests',
  'cloudfront/traffic': 'GB',
  'transfer-out': 'GB',
  'elasticache/serverless-redis/storage': 'GB-hour',
  'elasticache/serverless-redis/ecpus': 'million ECPUs',
  'elasticache/serverless-valkey/storage': 'GB-hour',
  'elasticache/serverless-valkey/ecpus': 'million ECPUs',
  'waf/acl': 'month',
  'waf/rule': 'month',
  'waf/requests': 'million requests',
} as const;

/**
 * Item of a price list: one of the above, or `ec2/<type>`, `elasticache/<node type>` or
 * `elasticache/valkey/<node type>`, all by the hour.
 */
export type PriceItem = keyof typeof PRICE_UNITS | `ec2/${string}` | `elasticache/${string}`;

/** A price and where it comes from. */
export interface Price {
  readonly item: PriceItem;
  readonly unit: string;
  /** Of the first unit of a month. */
  readonly first: number;
  readonly date: string;
  readonly source: string;
  readonly region: string;
  /** Cost of so many units in a month. */
  costOf(units: number): number;
}

/** Prices of one region. */
export class Prices {
  constructor(
    private readonly document: PricesDocument,
    readonly region: string,
    private readonly file: string,
  ) {}

  get currency(): string {
    return this.document.currency;
  }

  /** The price of an item, undefined where the file has none. */
  find(item: PriceItem): Price | undefined {
    const list = this.document.lists.findLast(
      ({ region, prices }) => (region === this.region || region === '*') && Object.hasOwn(prices, item),
    );
    const entry = list?.prices[item];
    if (list === undefined || entry === undefined) return undefined;
    const { date, source, region } = list;
    const first = typeof entry === 'number' ? entry : (entry[0]?.price ?? 0);
    return { item, unit: unitOf(item), first, date, source, region, costOf: (units) => costOf(entry, units) };
  }

  /** @throws PlanInputError where the file does not have it */
  get(item: PriceItem): Price {
    const price = this.find(item);
    if (price !== undefined) return price;
    const regions = new Set(
      this.document.lists.filter(({ prices }) => Object.hasOwn(prices, item)).map(({ region }) => region),
    );
    const known = regions.size === 0 ? 'it has none for any region' : `it has one for ${[...regions].join(', ')}`;
    throw new PlanInputError(
      `no price of ${item} in ${this.region} in ${this.file}, ${known}: give a file that has it by --prices`,
    );
  }
}

/**
 * Prices of a region from the text of a file.
 * @throws PlanInputError for a file that is not one of prices
 */
export function parsePrices(text: string, file: string, region: string): Prices {
  const document = checkedJson(PricesSchema, text, { name: `the prices ${file}`, verb: 'are' });
  return new Prices(document, region, file);
}

function unitOf(item: PriceItem): string {
  const units: Readonly<Record<string, string>> = PRICE_UNITS;
  return units[item] ?? 'hour';
}

function costOf(entry: PriceEntry, units: number): number {
  if (typeof entry === 'number') return entry * units;
  let cost = 0;
  let from = 0;
  for (const { upTo = Number.POSITIVE_INFINITY, price } of entry) {
    cost += price * Math.max(0, Math.min(units, upTo) - from);
    from = upTo;
  }
  return cost;
}
