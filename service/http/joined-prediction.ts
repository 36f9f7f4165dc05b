import { HEADERS } from '../../lib/contract';
import type { FeatureJoin, JoinedInstances } from '../predict/feature-join';
import type { Prediction } from '../predict/predictor';
import { encoderOf, formatterOf } from './described-model';
import type { ModelCall } from './model-requests';
import type { HeaderFields } from './write-answer';

/**
 * Predicts for instances of which some name an entity, with headers that tell where the features came from.
 * @throws ServiceError as FeatureJoin.join and Predictor.predict
 */
export async function predictJoined(
  call: ModelCall,
  join: FeatureJoin,
  instances: readonly unknown[],
  timeoutMs: number | undefined,
): Promise<Prediction & { readonly joined: JoinedInstances; readonly headers: HeaderFields }> {
  const { context } = call;
  const joined = await call.waitForFeatures(() => join.join(instances));
  const inputs = encoderOf(context).encode(joined.instances);
  const prediction = await call.predict(inputs, formatterOf(context).outputs, timeoutMs, joined.entities);
  return { ...prediction, joined, headers: sourcesOf(joined) };
}

function sourcesOf({ sources, asOfMs }: JoinedInstances): HeaderFields {
  const features = [...sources].map(([source, count]) => `${source}=${count}`).join(', ');
  if (asOfMs === undefined) return { [HEADERS.features]: features };
  return { [HEADERS.features]: features, [HEADERS.featuresAsOf]: new Date(asOfMs).toISOString() };
}
