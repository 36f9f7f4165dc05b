import type { Logger } from 'pino';
import { didYouMean } from '../../lib/spec/closest';
import type { Spec } from '../../lib/spec/load';
import { FeatureCache } from '../cache/features/feature-cache';
import type { FeatureStoreAddress } from '../cache/features/store-address';
import { BatchError, isSystemError } from '../errors';
import type { ModelDescription } from '../model/description';
import { Opened } from '../opened';
import type { ModelContext } from '../predict/model-context';
import { policyFor } from '../predict/policy';
import { Predictor } from '../predict/predictor';
import { reasonOf } from '../repository/reason';
import { type ModelPaths, type ModelSource, type Snapshot, scanRepository } from '../repository/scan';
import { type LoadSettings, loadServedModel, type ServedModel } from '../repository/served-model';
import type { RuntimeOptions } from '../runtime/options';
import { Metrics } from '../telemetry/metrics';
import { type CsvTyping, csvTyping } from './csv-typing';
import type { BatchPlan } from './plan';
import type { RowOutcome } from './row-outcome';
import { type InputRecord, RowPredictor } from './row-predictor';

export interface BatchModelOptions {
  readonly name: string;
  readonly paths: ModelPaths;
  /** Where features that are joined by entity may be set otherwise than in model.yaml. */
  readonly spec: Spec | undefined;
  /** The bundle that worker threads run. */
  readonly workerPath: string;
  readonly runtime: RuntimeOptions;
  /** Undefined: features are joined from the file of the model, if it has one. */
  readonly featureStore: FeatureStoreAddress | undefined;
  readonly logger: Logger;
}

/** The newest version of a model on the service's own runtime, without its cache of predictions: each row runs once. */
export class BatchModel {
  private constructor(
    private readonly context: ModelContext,
    private readonly description: ModelDescription,
    private readonly predictor: RowPredictor,
    private readonly opened: Opened,
  ) {}

  /** @throws BatchError where there is no such model, it cannot be loaded, or takes no rows of features */
  static async open(options: BatchModelOptions): Promise<BatchModel> {
    const source = await newestVersion(options.name, options.paths);
    const opened = new Opened();
    try {
      return await BatchModel.#open(source, options, opened);
    } catch (error) {
      await opened.close();
      throw error;
    }
  }

  static async #open(
    source: ModelSource,
    { name, spec, workerPath, runtime, featureStore, logger }: BatchModelOptions,
    opened: Opened,
  ): Promise<BatchModel> {
    const metrics = new Metrics();
    const features = opened.add(new FeatureCache({ address: featureStore, metrics: metrics.caches, logger }));
    const model = await load(source, { workerPath, runtime });
    opened.add(model.runtime);
    const { description, features: encoder, answer } = model;
    if (description === undefined || encoder === undefined || answer === undefined) {
      throw new BatchError(`model '${name}' takes no rows of features: its model.yaml names none`);
    }
    const predictor = new Predictor(metrics, undefined, (one) => policyFor(one, spec), features);
    const context = predictor.contextOf(model);
    return new BatchModel(context, description, new RowPredictor({ predictor, context, encoder, answer }), opened);
  }

  get identity(): BatchPlan['model'] {
    const { name, version, digest } = this.context.model;
    return { name, version, digest };
  }

  get typing(): CsvTyping {
    return csvTyping(this.description.features ?? []);
  }

  /** What `prediction` of model.yaml makes of a row; undefined: all outputs by name. */
  get predictionType(): 'classification' | 'recommendation' | 'score' | undefined {
    return this.description.prediction?.type;
  }

  /** Whether a column is the model's: one of its features, or the entity whose features are joined. */
  takes(column: string): boolean {
    if (this.context.join !== undefined && (column === 'entity' || column === 'features')) return true;
    return this.description.features?.some(({ name }) => name === column) ?? false;
  }

  /** In the order of the records. */
  predict(records: readonly InputRecord[]): Promise<RowOutcome[]> {
    return this.predictor.predict(records);
  }

  close(): Promise<void> {
    return this.opened.close();
  }
}

async function newestVersion(name: string, paths: ModelPaths): Promise<ModelSource> {
  const { models, ignored } = await look(paths);
  const [source] = models.get(name) ?? [];
  if (source !== undefined) return source;
  const known = [...models.keys()];
  const found = models.size === 0 ? ignored.map(({ reason }) => reason).join('; ') : known.join(', ');
  throw new BatchError(`there is no model '${name}', found: ${found || 'none'}${didYouMean(name, known)}`);
}

async function look(paths: ModelPaths): Promise<Snapshot> {
  try {
    return await scanRepository(paths);
  } catch (error) {
    if (isSystemError(error)) throw error;
    const where = typeof paths === 'string' ? ` '${paths}'` : '';
    throw new BatchError(`the model repository${where} cannot be read: ${reasonOf(error)}`);
  }
}

async function load(source: ModelSource, settings: LoadSettings): Promise<ServedModel> {
  try {
    return await loadServedModel(source, settings);
  } catch (error) {
    if (isSystemError(error)) throw error;
    throw new BatchError(`model '${source.name}' cannot be loaded: ${reasonOf(error)}`);
  }
}
