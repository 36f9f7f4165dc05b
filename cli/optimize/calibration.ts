import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bytesOf, type DataType, type Tensor, type TensorSignature } from '../../service/tensor';
import { NotMeasured } from './candidates';

/** NumPy's names of datatypes. */
const NUMPY: Readonly<Partial<Record<DataType, string>>> = {
  BOOL: 'bool',
  UINT8: 'uint8',
  UINT16: 'uint16',
  UINT32: 'uint32',
  UINT64: 'uint64',
  INT8: 'int8',
  INT16: 'int16',
  INT32: 'int32',
  INT64: 'int64',
  FP16: 'float16',
  FP32: 'float32',
  FP64: 'float64',
};

/** Rows that are enough to learn the ranges of activations; guides name 100 to 500. */
const CALIBRATION_ROWS = 256;

/** One input of one request, as the quantiser reads it. */
export interface StoredTensor {
  readonly file: string;
  readonly dtype: string;
  readonly shape: readonly number[];
}

/**
 * Writes the first rows of requests as files of raw numbers.
 * @returns the inputs of each request, by name
 * @throws NotMeasured for texts, which no quantiser calibrates with
 */
export function writeCalibration(
  requests: readonly (readonly Tensor[])[],
  { inputs }: TensorSignature,
  folder: string,
): Record<string, StoredTensor>[] {
  mkdirSync(folder, { recursive: true });
  const stored: Record<string, StoredTensor>[] = [];
  let rows = 0;
  for (const [i, request] of requests.entries()) {
    if (rows >= CALIBRATION_ROWS) break;
    rows += request[0]?.shape[0] ?? 1;
    stored.push(
      Object.fromEntries(request.map((tensor, j) => [inputs[j]?.name ?? '', store(tensor, join(folder, `${i}-${j}`))])),
    );
  }
  return stored;
}

function store({ datatype, shape, data }: Tensor, file: string): StoredTensor {
  const dtype = NUMPY[datatype];
  if (dtype === undefined || Array.isArray(data)) {
    throw new NotMeasured('an input of text cannot be calibrated with');
  }
  writeFileSync(file, bytesOf(data));
  return { file, dtype, shape };
}
