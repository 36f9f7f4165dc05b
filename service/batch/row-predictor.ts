import { ExponentialBackoff, handleWhen, retry } from 'cockatiel';
import { BatchError, ServiceError } from '../errors';
import type { AnswerFormatter } from '../model/answer';
import type { FeatureEncoder } from '../model/features';
import type { ModelContext } from '../predict/model-context';
import type { Predictor } from '../predict/predictor';
import type { RowOutcome } from './row-outcome';

/** Values by the names of columns. */
export type InputRecord = Readonly<Record<string, unknown>>;

export interface RowPredictorParts {
  readonly predictor: Pick<Predictor, 'predict'>;
  readonly context: Pick<ModelContext, 'join'> & Parameters<Predictor['predict']>[0];
  readonly encoder: FeatureEncoder;
  readonly answer: AnswerFormatter;
}

/** No caller waits: a row is late only where its run hangs. */
const TIMEOUT_MS = 3_600_000;

/** For a worker that is being replaced and for a store of features that is away. */
const ATTEMPTS = 6;
const FIRST_DELAY_MS = 500;
const MAX_DELAY_MS = 30_000;

/** Predicts rows together, and tells those apart that cannot be predicted. */
export class RowPredictor {
  readonly #retry = retry(
    handleWhen((error) => error instanceof ServiceError && error.statusCode === 503),
    {
      maxAttempts: ATTEMPTS - 1,
      backoff: new ExponentialBackoff({ initialDelay: FIRST_DELAY_MS, maxDelay: MAX_DELAY_MS }),
    },
  );

  constructor(private readonly parts: RowPredictorParts) {}

  /**
   * @returns in the order of the records
   * @throws ServiceError 503 where the model or the feature store stays away
   * @throws BatchError where the model's outputs are not what its model.yaml says
   */
  async predict(records: readonly InputRecord[]): Promise<RowOutcome[]> {
    try {
      return await this.#retry.execute(() => this.#predictAll(records));
    } catch (error) {
      if (!(error instanceof ServiceError) || error.statusCode === 503) throw error;
      if (error.statusCode >= 500) throw new BatchError(error.message);
      if (records.length === 1) return [{ prediction: undefined, problem: ownWords(error.message) }];
      // One row spoils all it runs with: halves find it in few steps.
      const half = Math.ceil(records.length / 2);
      return [...(await this.predict(records.slice(0, half))), ...(await this.predict(records.slice(half)))];
    }
  }

  async #predictAll(records: readonly InputRecord[]): Promise<RowOutcome[]> {
    if (records.length === 0) return [];
    const { predictor, context, encoder, answer } = this.parts;
    const { join } = context;
    const instances = join === undefined ? records : records.map(asEntityInstance);
    const joined = join?.takesPart(instances) === true ? await join.join(instances) : { instances };
    const { outputs } = await predictor.predict(context, {
      inputs: encoder.encode(joined.instances),
      outputs: answer.outputs,
      startedMs: performance.now(),
      timeoutMs: TIMEOUT_MS,
      isAlone: false,
      isCancelled: () => false,
    });
    return records.map((_, row) => ({ prediction: answer.format(outputs, row), problem: undefined }));
  }
}

/** A file has the entity in a column beside those of features. */
function asEntityInstance(record: InputRecord): InputRecord {
  if (!Object.hasOwn(record, 'entity') || Object.hasOwn(record, 'features')) return record;
  const { entity, ...features } = record;
  return { entity, features };
}

/** Of a request of one instance, without saying that it is the first. */
function ownWords(message: string): string {
  return message.replace('instances do not fit the model: ', '').replaceAll(/\binstance 0: /g, '');
}
