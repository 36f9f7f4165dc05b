import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { routeNotFound, unsupportedMediaType } from '../../errors';
import type { AnswerFormatter } from '../../model/answer';
import type { ModelContext } from '../../predict/model-context';
import type { Tensor } from '../../tensor';
import { bodyOf } from '../body';
import { headerTimeoutMs } from '../deadline';
import { encoderOf, formatterOf } from '../described-model';
import { parseInstances } from '../instances';
import { predictJoined } from '../joined-prediction';
import type { ModelCall, ModelRequests } from '../model-requests';
import { predictSchema, type TargetParams } from '../schemas';
import type { ModelAnswer } from '../write-answer';

const VERB = ':predict';

/** `POST /v1/models/{model}:predict`: feature dictionaries or an image in, answers a person can read out. */
export function registerPredict(app: FastifyInstance, requests: ModelRequests): void {
  const handler = (request: FastifyRequest<{ Params: TargetParams }>, reply: FastifyReply) =>
    requests.answer(request, reply, targetOf(request), predict);
  app.post('/v1/models/:target', { schema: predictSchema }, handler);
  app.post('/v1/models/:model/versions/:target', { schema: predictSchema }, handler);
}

/** The router cannot split `name:predict`, because a colon starts a parameter there. */
function targetOf(request: FastifyRequest<{ Params: TargetParams }>): { model: string; version?: string } {
  const { model, target } = request.params;
  if (!target.endsWith(VERB)) {
    throw routeNotFound(request.method, request.url);
  }
  const name = target.slice(0, -VERB.length);
  return model === undefined ? { model: name } : { model, version: name };
}

async function predict(call: ModelCall): Promise<ModelAnswer> {
  const { request, context } = call;
  const question = isImage(call) ? undefined : bodyOf(request).toString('utf8');
  const timeoutMs = headerTimeoutMs(request);
  const remembered = question === undefined ? undefined : call.recall(question);
  if (remembered !== undefined) return { body: remembered, contentType: 'application/json', cache: 'hit' };

  const answer = formatterOf(context);
  const { join } = context;
  const instances = question === undefined ? undefined : readInstances(context, question);
  if (instances !== undefined && join?.takesPart(instances) === true) {
    const { outputs, cache, headers } = await predictJoined(call, join, instances, timeoutMs);
    const body = call.encode(() => wordAll(answer, outputs, instances.length));
    // Never remembered by its text: what the store has may change.
    return { body, contentType: 'application/json', cache, headers };
  }
  const { inputs, count } =
    instances === undefined ? await decodeImage(context, bodyOf(request)) : encodeInstances(context, instances);
  if (count === 0) return { body: '{"predictions":[]}', contentType: 'application/json', cache: 'off' };
  const { outputs, cache, kept } = await call.predict(inputs, answer.outputs, timeoutMs);
  const body = call.encode(() => wordAll(answer, outputs, count));
  if (question !== undefined && kept !== undefined) context.answers?.offer(question, body, kept);
  return { body, contentType: 'application/json', cache };
}

/** By its type, or, for a model of images, by its first byte: many clients send no type or a wrong one. */
function isImage({ request, context }: ModelCall): boolean {
  if (request.headers['content-type']?.toLowerCase().startsWith('image/') === true) return true;
  // PNG and JPEG begin with bytes that are no ASCII, and JSON never does.
  return context.model.image !== undefined && (bodyOf(request)[0] ?? 0) >= 0x80;
}

function wordAll(answer: AnswerFormatter, outputs: readonly Tensor[], count: number): string {
  let text = '{"predictions":[';
  for (let row = 0; row < count; row++) text += (row === 0 ? '' : ',') + answer.format(outputs, row);
  return `${text}]}`;
}

interface Decoded {
  readonly inputs: readonly Tensor[];
  /** Predictions that are asked for. */
  readonly count: number;
}

/** An image as the body. */
export async function decodeImage({ model: { name, image } }: ModelContext, body: Buffer): Promise<Decoded> {
  if (image === undefined) throw unsupportedMediaType(`model '${name}' takes no images, but JSON with instances`);
  return { inputs: await image.decode(body), count: 1 };
}

/** Feature dictionaries as JSON. */
export function decodeInstances(context: ModelContext, text: string): Decoded {
  return encodeInstances(context, readInstances(context, text));
}

function readInstances(context: ModelContext, text: string): readonly unknown[] {
  // A model that takes images says so before it finds fault with what it was sent.
  encoderOf(context);
  return parseInstances(text);
}

function encodeInstances(context: ModelContext, instances: readonly unknown[]): Decoded {
  return { inputs: encoderOf(context).encode(instances), count: instances.length };
}
