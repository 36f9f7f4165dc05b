import { concatRows, sliceRows, type Tensor } from '../tensor';
import type { Batch } from './executor';
import { isWhole, type Piece } from './queued-job';

/** The inputs of a batch; rows are copied only where several jobs share it. */
export function assemble(pieces: readonly Piece[]): Batch {
  const [first] = pieces;
  if (first === undefined) throw new RangeError('a batch needs at least one job');
  const { inputs, outputs } = first.job.job;
  if (pieces.length === 1) return { inputs: inputsOf(first), outputs, owned: false };
  const parts = pieces.map(inputsOf);
  return {
    inputs: inputs.map((_, i) => concatRows(parts.map((part) => part[i]).filter((tensor) => tensor !== undefined))),
    outputs,
    owned: true,
  };
}

function inputsOf(piece: Piece): readonly Tensor[] {
  const { inputs } = piece.job.job;
  return isWhole(piece) ? inputs : inputs.map((tensor) => sliceRows(tensor, piece.start, piece.end));
}
