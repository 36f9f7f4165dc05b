import type { FastifyReply } from 'fastify';
import { HEADERS } from '../../lib/contract';
import { entityNotFound, ServiceError } from '../errors';
import type { FeatureEncoder } from '../model/features';
import type { FeatureJoin, JoinedInstances } from '../predict/feature-join';
import type { Prediction } from '../predict/predictor';
import type { Tensor } from '../tensor';
import { encoderOf, formatterOf } from './described-model';
import type { ModelCall } from './model-requests';

/**
 * Predicts for instances of which some name an entity, and tells in the headers where the features came from.
 * @throws ServiceError 404 where the store does not know an entity and the model needs more than the request brings
 */
export async function predictJoined(
  call: ModelCall,
  join: FeatureJoin,
  instances: readonly unknown[],
  timeoutMs: number | undefined,
): Promise<Prediction & { readonly joined: JoinedInstances }> {
  const { context, reply } = call;
  const joined = await call.waitForFeatures(() => join.join(instances));
  const inputs = encode(encoderOf(context), joined);
  const prediction = await call.predict(inputs, formatterOf(context).outputs, timeoutMs, joined.entities);
  tellSources(reply, joined);
  return { ...prediction, joined };
}

function encode(encoder: FeatureEncoder, { instances, unknownEntity }: JoinedInstances): readonly Tensor[] {
  try {
    return encoder.encode(instances);
  } catch (error) {
    if (unknownEntity === undefined || !(error instanceof ServiceError)) throw error;
    throw entityNotFound(unknownEntity, error.message);
  }
}

function tellSources(reply: FastifyReply, { sources, asOfMs }: JoinedInstances): void {
  reply.header(HEADERS.features, [...sources].map(([source, count]) => `${source}=${count}`).join(', '));
  if (asOfMs !== undefined) reply.header(HEADERS.featuresAsOf, new Date(asOfMs).toISOString());
}
