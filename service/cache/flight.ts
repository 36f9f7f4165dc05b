import type { Tensor } from '../tensor';
import type { CachedRow } from './kept-row';
import { rowOf } from './rows';

/** A row on its way, from the shared cache or from a run: whoever wants an equal one waits for it. */
export interface Flight {
  readonly key: string;
  /** The outputs of all rows under way together, of which this row has `position`. */
  readonly outputs: Promise<readonly Tensor[]>;
  readonly position: number;
  /** The model's epoch when it began. */
  readonly epoch: number;
  /** See entityKey; undefined: the row was asked for none. */
  readonly entity: string | undefined;
  /** True once an invalidation came after its begin: nobody joins it any more, and it is not kept. */
  isInvalidated: boolean;
}

/** The row of a flight, or undefined where that fails. */
export async function joined(flight: Flight, batched: boolean): Promise<CachedRow | undefined> {
  try {
    const outputs = await flight.outputs;
    return batched ? rowOf(outputs, flight.position) : outputs;
  } catch {
    return undefined;
  }
}
