import type { FastifyInstance, FastifyRequest } from 'fastify';
import { HEADERS, PATHS } from '../../../lib/contract';
import type { CacheAdministration } from '../../predict/cache-administration';
import type { ModelContext } from '../../predict/model-context';
import { parseHeaderLength } from '../../protocol/header';
import { parseInferRequest } from '../../protocol/request';
import type { Tensor } from '../../tensor';
import { bodyOf } from '../body';
import {
  cacheReportSchema,
  type EntityParams,
  invalidateEntitySchema,
  invalidateModelSchema,
  invalidateRowsSchema,
  type RowsQuery,
} from '../cache-schemas';
import type { ModelParams } from '../schemas';
import { decodeImage, decodeInstances } from './predict';

type ModelRequest = FastifyRequest<{ Params: ModelParams }>;
type RowsRequest = FastifyRequest<{ Params: ModelParams; Querystring: RowsQuery }>;
type EntityRequest = FastifyRequest<{ Params: EntityParams }>;

/** What the prediction cache holds and does, and three ways to make it forget. */
export function registerCacheAdministration(app: FastifyInstance, cache: CacheAdministration): void {
  const model = `${PATHS.cache}/models/:model`;
  app.get(PATHS.cache, { schema: cacheReportSchema }, () => cache.report());
  app.post(`${model}/invalidate`, { schema: invalidateModelSchema }, ({ params }: ModelRequest) =>
    cache.invalidateModel(params.model),
  );
  app.post(`${model}/rows/invalidate`, { schema: invalidateRowsSchema }, (request: RowsRequest) =>
    cache.invalidateRows(request.params.model, request.query.version, (context) => decodeRows(context, request)),
  );
  app.post(`${model}/entities/:entity/invalidate`, { schema: invalidateEntitySchema }, ({ params }: EntityRequest) =>
    cache.invalidateEntity(params.model, params.entity),
  );
}

/** Rows in any of the forms in which they can be predicted. */
async function decodeRows(
  context: ModelContext,
  request: FastifyRequest,
): Promise<{ inputs: readonly Tensor[]; outputs: readonly number[] }> {
  const { model, allOutputs } = context;
  const body = bodyOf(request);
  const outputs = model.answer?.outputs ?? allOutputs;
  if ((request.headers['content-type'] ?? '').startsWith('image/')) {
    return { inputs: (await decodeImage(context, body)).inputs, outputs };
  }
  const headerLength = parseHeaderLength(request.headers[HEADERS.inferenceHeaderLength], body.length);
  const text = headerLength === undefined ? body.toString('utf8') : '';
  if (hasInstances(text)) return { inputs: decodeInstances(context, text).inputs, outputs };
  const asked = parseInferRequest(body, headerLength, model.runtime.signature);
  return { inputs: asked.inputs, outputs: asked.outputs.map(({ index }) => index) };
}

function hasInstances(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && 'instances' in value;
  } catch {
    // Whatever it is, the codec of tensors has the words for it.
    return false;
  }
}
