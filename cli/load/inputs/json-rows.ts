import { isObject } from '../../../lib/spec/describe';
import type { Inputs } from './inputs';

/** A number or boolean in a row, which can be given other values. */
export interface Leaf {
  readonly kind: 'boolean' | 'integer' | 'float';
  readonly example: boolean | number;
}

/** A leaf and the values that it takes; the sign says whether they lie above or below the example's. */
export interface Variation {
  readonly leaf: Leaf;
  readonly sign: 1 | -1;
}

/** How many values a leaf takes: enough for many keys, near enough to the example to stay plausible. */
const CHOICES = { boolean: 2, integer: 16, float: 1000 } as const;
/** A float moves by at most this share of its size. */
const FLOAT_SPAN = 0.25;
/** More distinct rows than any run asks for. */
const ENOUGH = 1e12;
/** Stands in the JSON where something else goes; JSON.stringify writes it in a way in which no other text comes out. */
const PLACE = '\u0001place\u0001';
const PLACE_JSON = JSON.stringify(PLACE);

/**
 * A row of a JSON example, `instances` or `inputs` of the Open Inference Protocol, from which bodies with other values are
 * made. Numbers and booleans vary; texts stay, since a category must be one that the model knows.
 */
export class JsonRows {
  private constructor(
    /** What stands before and after the rows. */
    private readonly frame: readonly [string, string],
    /** The row between its leaves: one text more than leaves. */
    private readonly texts: readonly string[],
    private readonly inOrder: readonly Leaf[],
    /** Whether one body can hold several rows. */
    readonly hasRows: boolean,
  ) {}

  /** Undefined for a body that has neither. */
  static of(body: unknown): JsonRows | undefined {
    if (!isObject(body)) return undefined;
    const { instances, inputs } = body;
    if (Array.isArray(instances) && instances.length > 0) {
      const leaves: Leaf[] = [];
      const row = JSON.stringify(withPlaces(instances[0], undefined, leaves));
      return new JsonRows(frameOf({ ...body, instances: [PLACE] }), row.split(PLACE_JSON), leaves, true);
    }
    if (!Array.isArray(inputs)) return undefined;
    const leaves: Leaf[] = [];
    const row = JSON.stringify(inputs.map((input) => withPlacesInData(input, leaves)));
    return new JsonRows(frameOf({ ...body, inputs: PLACE }), row.split(PLACE_JSON), leaves, false);
  }

  /** Those with the most values first, so that few of them make many rows. */
  get leaves(): readonly Leaf[] {
    return [...this.inOrder].sort((a, b) => CHOICES[b.kind] - CHOICES[a.kind]);
  }

  /** A body in which one leaf is as far from the example as it goes, to ask whether the model takes it. */
  probe(variation: Variation): string {
    return this.inputs([variation], 1)
      .body(CHOICES[variation.leaf.kind] - 1)
      .toString();
  }

  /** Bodies of `rows` rows each, every row of every key another one as long as the variations allow. */
  inputs(variations: readonly Variation[], rows: number): Inputs {
    const byLeaf = new Map(variations.map((variation) => [variation.leaf, variation]));
    const order = new Map(variations.map(({ leaf }, i) => [leaf, i]));
    const texts = [this.texts[0] ?? ''];
    const varied: { readonly values: readonly string[]; readonly divisor: number }[] = [];
    for (const [i, leaf] of this.inOrder.entries()) {
      const after = this.texts[i + 1] ?? '';
      const variation = byLeaf.get(leaf);
      if (variation === undefined) texts.push(`${texts.pop()}${leaf.example}${after}`);
      else {
        varied.push({ values: valuesOf(variation), divisor: combinations(variations.slice(0, order.get(leaf))) });
        texts.push(after);
      }
    }
    const row = (key: number): string => {
      let text = texts[0] ?? '';
      for (const [i, { values, divisor }] of varied.entries()) {
        text += (values[Math.floor(key / divisor) % values.length] ?? '') + (texts[i + 1] ?? '');
      }
      return text;
    };
    const [before, after] = this.frame;
    return {
      distinct: Math.max(1, Math.floor(combinations(variations) / rows)),
      showsKey: false,
      contentType: 'application/json',
      body: (key) => {
        let text = before + row(key * rows);
        for (let i = 1; i < rows; i++) text += `,${row(key * rows + i)}`;
        return text + after;
      },
    };
  }
}

/** Whether these variations make all the rows that a run can want. */
export function isEnough(variations: readonly Variation[]): boolean {
  return combinations(variations) >= ENOUGH;
}

function combinations(variations: readonly Variation[]): number {
  return variations.reduce((product, { leaf }) => Math.min(ENOUGH, product * CHOICES[leaf.kind]), 1);
}

function valuesOf({ leaf, sign }: Variation): string[] {
  const { kind, example } = leaf;
  if (typeof example === 'boolean') return [String(example), String(!example)];
  // Seven digits, as a model takes FP32; a zero moves as a one would.
  const step = kind === 'float' ? (FLOAT_SPAN * (Math.abs(example) || 1)) / CHOICES.float : 1;
  return Array.from({ length: CHOICES[kind] }, (_, i) => String(Number((example + sign * i * step).toPrecision(7))));
}

function frameOf(body: object): [string, string] {
  const [before = '', after = ''] = JSON.stringify(body).split(PLACE_JSON);
  return [before, after];
}

/** The value with a place for each leaf, which are collected in the order of the text. */
function withPlaces(value: unknown, kind: Leaf['kind'] | undefined, leaves: Leaf[]): unknown {
  if (typeof value === 'boolean') {
    leaves.push({ kind: 'boolean', example: value });
    return PLACE;
  }
  if (typeof value === 'number') {
    leaves.push({ kind: kind ?? (Number.isInteger(value) ? 'integer' : 'float'), example: value });
    return PLACE;
  }
  if (Array.isArray(value)) return value.map((element) => withPlaces(element, kind, leaves));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, withPlaces(entry, kind, leaves)]));
}

/** An input tensor: its data vary, its shape does not. */
function withPlacesInData(input: unknown, leaves: Leaf[]): unknown {
  if (!isObject(input)) return input;
  const kind = String(input.datatype).startsWith('FP') ? 'float' : 'integer';
  return { ...input, data: withPlaces(input.data, kind, leaves) };
}
