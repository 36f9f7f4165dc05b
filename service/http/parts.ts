import type { Logger } from 'pino';
import type { CacheAdministration } from '../predict/cache-administration';
import type { Predictor } from '../predict/predictor';
import type { ModelRepository } from '../repository/model-repository';
import type { Metrics } from '../telemetry/metrics';
import type { Health } from './routes/health';

/** What the ways in are built on. */
export interface HttpParts {
  readonly repository: ModelRepository;
  readonly predictor: Predictor;
  readonly cacheAdministration: CacheAdministration;
  readonly metrics: Metrics;
  readonly health: Health;
  readonly logger: Logger;
  readonly bodyLimitBytes: number;
  /** Version of the package. */
  readonly serverVersion: string;
}
