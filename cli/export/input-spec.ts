import { DATA_TYPES, type DataType, isDataType } from '../../service/tensor';
import { UsageError } from '../errors';

/** An input as somebody names it at the command line. */
export interface InputSpec {
  readonly name: string;
  readonly datatype: DataType;
  /** The first is the batch; a name is a size that stays open. */
  readonly shape: readonly (number | string)[];
}

/** name:DATATYPE[size,size] */
const FORM = /^([^:[\]]+):([A-Z0-9]+)\[([^[\]]+)\]$/;
const NAME = /^[A-Za-z_]\w*$/;
const SIZE = /^[1-9][0-9]{0,8}$/;

/**
 * Reads `image:FP32[batch,3,224,224]`.
 * @throws UsageError saying what does not fit
 */
export function parseInputSpec(text: string): InputSpec {
  const [, name, datatype = '', sizes = ''] = FORM.exec(text) ?? [];
  if (name === undefined) {
    throw new UsageError(`--input is '${text}', expected a form such as image:FP32[batch,3,224,224]`);
  }
  if (!isDataType(datatype)) {
    const known = Object.keys(DATA_TYPES).join(', ');
    throw new UsageError(`--input '${name}' is of the type '${datatype}', expected one of ${known}`);
  }
  const shape = sizes.split(',').map((size) => parseSize(size.trim(), text));
  if (typeof shape[0] !== 'string') {
    throw new UsageError(
      `--input '${text}' begins with the size ${sizes.split(',')[0]}, expected a name, such as batch`,
    );
  }
  return { name, datatype, shape };
}

function parseSize(size: string, text: string): number | string {
  if (SIZE.test(size)) return Number(size);
  if (NAME.test(size)) return size;
  throw new UsageError(`--input '${text}' has the size '${size}', expected a whole number or a name`);
}
