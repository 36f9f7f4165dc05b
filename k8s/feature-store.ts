import { parseFeatureStoreUrl } from '../lib/spec/feature-store-url';
import type { Spec } from '../lib/spec/load';
import { SettingsError } from './errors';
import type { KubernetesSettings } from './settings';

/**
 * Where replicas read features; undefined where they lie beside the models. A table without a region is in that of the
 * spec, else in that of the cluster, which EKS tells its pods.
 *
 * @throws SettingsError for a table whose region nobody names
 */
export function featureStoreUrl({ aws, kubernetes }: Spec, { featureStore }: KubernetesSettings): string | undefined {
  const url = featureStore?.url;
  if (url === undefined) return undefined;
  const store = parseFeatureStoreUrl(url);
  if (store?.kind !== 'dynamodb' || store.region !== undefined) return url;
  if (aws !== undefined) return `${url}?region=${aws.region}`;
  if (kubernetes.platform === 'eks') return url;
  throw new SettingsError(
    `HEADROOM_FEATURE_STORE is '${url}', which names no region, and neither does the spec; expected ${url}?region=eu-west-1 or the like`,
  );
}
