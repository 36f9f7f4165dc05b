import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { epochMs } from '../../cache/kept-row';
import { noFeatureView } from '../../errors';
import { readEntity } from '../../predict/entity-instance';
import { headerTimeoutMs } from '../deadline';
import { formatterOf } from '../described-model';
import { cacheControl, isMatched, strongEtag, varyOf } from '../http-caching';
import { predictJoined } from '../joined-prediction';
import type { ModelCall, ModelRequests } from '../model-requests';
import { type EntityParams, entitySchema } from '../schemas';
import type { ModelAnswer } from '../write-answer';

type EntityRequest = FastifyRequest<{ Params: EntityParams }>;

/** `GET /v1/models/{model}/entities/{entity}`: the prediction for what the feature store knows, for caches on the way. */
export function registerEntities(app: FastifyInstance, requests: ModelRequests): void {
  const handler = (request: EntityRequest, reply: FastifyReply) => {
    // Errors are nobody's to keep; an answer says for itself.
    reply.header('cache-control', 'no-store');
    return requests.answer(request, reply, request.params, (call) => predictEntity(call, request.params.entity));
  };
  app.get('/v1/models/:model/entities/:entity', { schema: entitySchema }, handler);
  app.get('/v1/models/:model/versions/:version/entities/:entity', { schema: entitySchema }, handler);
}

async function predictEntity(call: ModelCall, name: string): Promise<ModelAnswer> {
  const { context, request } = call;
  const { join, model, policy } = context;
  if (join === undefined) throw noFeatureView(model.name);
  const entity = readEntity(name, 'the entity of the path');
  const { outputs, cache, joined, headers } = await predictJoined(call, join, [{ entity }], headerTimeoutMs(request));
  const body = call.encode(
    () => `{"entity":${JSON.stringify(entity)},"prediction":${formatterOf(context).format(outputs, 0)}}`,
  );
  const etag = strongEtag(body);
  const isPublic = model.description?.cache?.public ?? false;
  const isKnown = isMatched(request.headers['if-none-match'], etag);
  return {
    body: isKnown ? undefined : body,
    contentType: 'application/json',
    cache,
    headers: {
      ...headers,
      etag,
      vary: varyOf(isPublic),
      'cache-control': cacheControl(policy, joined, isPublic, epochMs()),
    },
  };
}
