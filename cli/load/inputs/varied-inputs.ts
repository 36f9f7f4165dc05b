import { imageInputs } from './image-inputs';
import { type Inputs, KEY_PLACE, templateInputs } from './inputs';
import { isEnough, JsonRows, type Variation } from './json-rows';

/** Whether a model takes a body. */
export type Accepts = (body: string | Buffer) => Promise<boolean>;

/** An example from which inputs can be made, of one row or of several. */
export interface InputSource {
  /** Inputs of so many rows a request; undefined where a body holds only one. */
  inputs(rows: number): Inputs | undefined;
}

/**
 * Inputs that differ from each other and that the model takes: each number and boolean of the example is tried with
 * another value, and those that the model refuses are left as they are.
 */
export async function variedInputs(
  example: string | Buffer,
  contentType: string | undefined,
  accepts: Accepts,
): Promise<InputSource> {
  if (typeof example !== 'string') {
    const inputs = contentType?.startsWith('image/')
      ? await imageInputs(example, contentType)
      : { distinct: 1, showsKey: false, contentType, body: () => example };
    return { inputs: (rows) => (rows === 1 ? inputs : undefined) };
  }
  const rowsOfExample = example.includes(KEY_PLACE) ? undefined : JsonRows.of(parsed(example));
  if (rowsOfExample === undefined) {
    const inputs = templateInputs(example, contentType);
    return { inputs: (rows) => (rows === 1 ? inputs : undefined) };
  }
  const variations = await acceptedVariations(rowsOfExample, accepts);
  return {
    inputs: (rows) => (rows === 1 || rowsOfExample.hasRows ? rowsOfExample.inputs(variations, rows) : undefined),
  };
}

async function acceptedVariations(rows: JsonRows, accepts: Accepts): Promise<Variation[]> {
  const accepted: Variation[] = [];
  for (const leaf of rows.leaves) {
    if (isEnough(accepted)) break;
    for (const sign of leaf.kind === 'boolean' ? ([1] as const) : ([1, -1] as const)) {
      const variation = { leaf, sign };
      if (!(await accepts(rows.probe(variation)))) continue;
      accepted.push(variation);
      break;
    }
  }
  return accepted;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
