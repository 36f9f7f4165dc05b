import { concatRows, type Tensor, type TensorSignature } from '../../service/tensor';
import { columnsOf, readDataFile } from '../data/data-file';
import { inTurns } from '../data/in-turns';
import { tensorRows } from '../data/tensor-rows';

/** At most, of one request to the original and to its export. */
const REQUEST_ROWS = 256;

/**
 * Requests from a table: a column for each input, or for each feature that the model names, or for each number. Rows
 * whose open sizes differ, such as sentences of several lengths, are asked in different requests.
 * @param features names of the model's columns, where it has any: other columns, such as labels, are left out
 * @throws UsageError where the table does not fit the model
 * @throws the signal's reason when it is aborted
 */
export async function givenRows(
  file: string,
  signature: TensorSignature,
  features: readonly string[] | undefined,
  signal: AbortSignal,
): Promise<Tensor[][]> {
  const rows = await readDataFile(file, '--data', signal);
  const found = columnsOf(rows);
  const columns = features?.every((name) => found.includes(name)) ? features : found;
  const tensors = await inTurns(rows, signal, (part, start) => tensorRows(part, { file, columns, start }, signature));
  const requests: Tensor[][][] = [];
  for (const row of tensors) {
    const request = requests.at(-1);
    if (request?.[0] !== undefined && request.length < REQUEST_ROWS && sizesOf(request[0]) === sizesOf(row)) {
      request.push(row);
    } else {
      requests.push([row]);
    }
  }
  return requests.map((request) => signature.inputs.map((_, i) => concatRows(request.flatMap((row) => row[i] ?? []))));
}

function sizesOf(row: readonly Tensor[]): string {
  return row.map(({ shape }) => shape.join()).join(' ');
}
