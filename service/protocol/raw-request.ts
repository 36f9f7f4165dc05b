import { counted } from '../../lib/spec/counted';
import { badRequest } from '../errors';
import { DATA_TYPES, type Tensor, type TensorSignature, type TensorSpec } from '../tensor';
import { decodeBinaryData, decodeString } from './binary-data';
import { checkSymbolicSizes, isFixed, shapeText } from './shape';

/**
 * The only input of a model from a body without any JSON (`Inference-Header-Content-Length: 0`). A first dimension of
 * any size is a batch of 1; the size of one further open dimension follows from the number of bytes. A BYTES input of
 * one element takes the whole body as that element.
 *
 * @throws ServiceError 400 where the model has several inputs, or the bytes do not fill a shape of its input
 */
export function decodeRawBody(body: Buffer, { inputs }: TensorSignature): Tensor[] {
  const [spec] = inputs;
  if (spec === undefined || inputs.length > 1) {
    throw badRequest(`a body without JSON is a single input, but the model has ${inputs.length}`);
  }
  const { array } = DATA_TYPES[spec.datatype];
  const shape = rawShape(spec, array === null ? 1 : body.length / array.BYTES_PER_ELEMENT);
  const data = array === null ? [decodeString(spec, 0, body)] : decodeBinaryData(spec, shape, body);
  const tensors = [{ datatype: spec.datatype, shape, data }];
  checkSymbolicSizes(inputs, tensors);
  return tensors;
}

/** @param count elements in the body; a fraction where the body ends within an element */
function rawShape(spec: TensorSpec, count: number): number[] {
  let openAxis: number | undefined;
  let known = 1;
  const shape = spec.shape.map((dimension, axis) => {
    if (isFixed(dimension)) {
      known *= dimension;
      return dimension;
    }
    if (axis === 0) return 1;
    if (openAxis !== undefined) {
      throw badRequest(
        `input '${spec.name}' has several dimensions of open size in ${shapeText(spec.shape)}, which a body without JSON cannot tell`,
      );
    }
    openAxis = axis;
    return 0;
  });
  if (openAxis !== undefined && known > 0) {
    shape[openAxis] = count / known;
    known = count;
  }
  if (known !== count || !shape.every(Number.isInteger)) {
    throw badRequest(
      `input '${spec.name}' has ${counted(count, 'element')} in the body, expected shape ${shapeText(spec.shape)} for one row`,
    );
  }
  return shape;
}
