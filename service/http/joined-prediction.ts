import type { FastifyReply } from 'fastify';
import { HEADERS } from '../../lib/contract';
import type { FeatureJoin, JoinedInstances } from '../predict/feature-join';
import type { Prediction } from '../predict/predictor';
import { encoderOf, formatterOf } from './described-model';
import type { ModelCall } from './model-requests';

/**
 * Predicts for instances of which some name an entity, and tells in the headers where the features came from.
 * @throws ServiceError as FeatureJoin.join and Predictor.predict
 */
export async function predictJoined(
  call: ModelCall,
  join: FeatureJoin,
  instances: readonly unknown[],
  timeoutMs: number | undefined,
): Promise<Prediction & { readonly joined: JoinedInstances }> {
  const { context, reply } = call;
  const joined = await call.waitForFeatures(() => join.join(instances));
  const inputs = encoderOf(context).encode(joined.instances);
  const prediction = await call.predict(inputs, formatterOf(context).outputs, timeoutMs, joined.entities);
  tellSources(reply, joined);
  return { ...prediction, joined };
}

function tellSources(reply: FastifyReply, { sources, asOfMs }: JoinedInstances): void {
  reply.header(HEADERS.features, [...sources].map(([source, count]) => `${source}=${count}`).join(', '));
  if (asOfMs !== undefined) reply.header(HEADERS.featuresAsOf, new Date(asOfMs).toISOString());
}
