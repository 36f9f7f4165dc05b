import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { badRequest, routeNotFound, unsupportedMediaType } from '../../errors';
import type { AnswerFormatter } from '../../model/answer';
import type { ModelContext } from '../../predict/model-context';
import type { Tensor } from '../../tensor';
import { bodyOf } from '../body';
import { headerTimeoutMs } from '../deadline';
import type { ModelAnswer, ModelCall, ModelRequests } from '../model-requests';
import { predictSchema, type TargetParams } from '../schemas';

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
  const isImage = (request.headers['content-type'] ?? '').startsWith('image/');
  const question = isImage ? undefined : bodyOf(request).toString('utf8');
  const timeoutMs = headerTimeoutMs(request);
  const remembered = question === undefined ? undefined : call.recall(question);
  if (remembered !== undefined) return { body: remembered, contentType: 'application/json', cache: 'hit' };

  const answer = formatterOf(context);
  const { inputs, count } =
    question === undefined ? await decodeImage(context, bodyOf(request)) : decodeInstances(context, question);
  if (count === 0) return { body: '{"predictions":[]}', contentType: 'application/json', cache: 'off' };
  const { outputs, cache, kept } = await call.predict(inputs, answer.outputs, timeoutMs);
  const body = call.encode(() => {
    let text = '{"predictions":[';
    for (let row = 0; row < count; row++) text += (row === 0 ? '' : ',') + answer.format(outputs, row);
    return `${text}]}`;
  });
  if (question !== undefined && kept !== undefined) context.answers?.remember(question, body, kept);
  return { body, contentType: 'application/json', cache };
}

function formatterOf({ model: { name, answer } }: ModelContext): AnswerFormatter {
  if (answer !== undefined) return answer;
  throw badRequest(`model '${name}' has no model.yaml that names its features; use /v2/models/${name}/infer`);
}

interface Decoded {
  readonly inputs: readonly Tensor[];
  /** Predictions that are asked for. */
  readonly count: number;
}

async function decodeImage({ model: { name, image } }: ModelContext, body: Buffer): Promise<Decoded> {
  if (image === undefined) throw unsupportedMediaType(`model '${name}' takes no images, but JSON with instances`);
  return { inputs: await image.decode(body), count: 1 };
}

function decodeInstances({ model: { name, features } }: ModelContext, text: string): Decoded {
  if (features === undefined) {
    throw unsupportedMediaType(`model '${name}' takes an image: send it with content-type image/jpeg or image/png`);
  }
  const instances = parseInstances(text);
  return { inputs: features.encode(instances), count: instances.length };
}

function parseInstances(text: string): readonly unknown[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw badRequest(`the body is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw badRequest('the body must be an object such as {"instances": [{…}]}');
  }
  for (const key of Object.keys(value)) {
    if (key !== 'instances') throw badRequest(`the body has an unknown field '${key}', allowed: instances`);
  }
  if (!('instances' in value) || !Array.isArray(value.instances)) {
    throw badRequest("the body must have 'instances', a list with an object of features each");
  }
  return value.instances;
}
