import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { HEADERS } from '../../../lib/contract';
import { classify } from '../../protocol/classification';
import { parseHeaderLength } from '../../protocol/header';
import { parseInferRequest } from '../../protocol/request';
import type { RequestedOutput } from '../../protocol/requested-outputs';
import { encodeInferResponse, type InferOutput } from '../../protocol/response';
import type { Tensor } from '../../tensor';
import { bodyOf } from '../body';
import { headerTimeoutMs } from '../deadline';
import type { ModelCall, ModelRequests } from '../model-requests';
import { inferSchema, type ModelParams } from '../schemas';
import type { ModelAnswer } from '../write-answer';

/** `POST …/infer` of the Open Inference Protocol, JSON and binary tensors. */
export function registerInfer(app: FastifyInstance, requests: ModelRequests): void {
  const handler = (request: FastifyRequest<{ Params: ModelParams }>, reply: FastifyReply) =>
    requests.answer(request, reply, request.params, infer);
  app.post('/v2/models/:model/infer', { schema: inferSchema }, handler);
  app.post('/v2/models/:model/versions/:version/infer', { schema: inferSchema }, handler);
}

async function infer(call: ModelCall): Promise<ModelAnswer> {
  const { context, request } = call;
  const { signature } = context.model.runtime;
  const body = bodyOf(request);
  const headerLength = parseHeaderLength(request.headers[HEADERS.inferenceHeaderLength], body.length);
  const givenTimeoutMs = headerTimeoutMs(request);
  // Byte for byte: as UTF-8, a body that must be refused could read like another.
  const question = context.answers === undefined || headerLength !== undefined ? undefined : body.toString('latin1');
  const remembered = question === undefined ? undefined : call.recall(question);
  if (remembered !== undefined) return { body: remembered, contentType: 'application/json', cache: 'hit' };

  const asked = parseInferRequest(body, headerLength, signature);
  // The header is the caller's last word: a gateway may set it for clients that know nothing of the protocol's own.
  const timeoutMs = givenTimeoutMs ?? (asked.timeoutUs === undefined ? undefined : asked.timeoutUs / 1000);
  const indices = asked.outputs.map(({ index }) => index);
  const prediction = await call.predict(asked.inputs, indices, timeoutMs);
  const encoded = call.encode(() =>
    encodeInferResponse({
      modelName: context.model.name,
      modelVersion: context.version,
      id: asked.id,
      outputs: asked.outputs.map((output, i) => rendered(call, output, prediction.outputs[i])),
    }),
  );
  if (question !== undefined && prediction.kept !== undefined && typeof encoded.body === 'string') {
    context.answers?.offer(question, encoded.body, prediction.kept);
  }
  const answer = { body: encoded.body, cache: prediction.cache };
  if (encoded.headerLength === undefined) return { ...answer, contentType: 'application/json' };
  const headers = { [HEADERS.inferenceHeaderLength]: encoded.headerLength };
  return { ...answer, contentType: 'application/octet-stream', headers };
}

function rendered({ context }: ModelCall, asked: RequestedOutput, tensor: Tensor | undefined): InferOutput {
  const { runtime, description } = context.model;
  const name = runtime.signature.outputs[asked.index]?.name;
  if (name === undefined || tensor === undefined) throw new Error(`output ${asked.index} is missing from the run`);
  if (asked.classification === undefined) return { name, tensor, binary: asked.binary };
  const prediction = description?.prediction;
  const labels = prediction?.output === name && 'labels' in prediction ? prediction.labels : undefined;
  return { name, tensor: classify(tensor, asked.classification, labels), binary: asked.binary };
}
