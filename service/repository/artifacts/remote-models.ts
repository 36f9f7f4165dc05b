import type { BaseLogger } from 'pino';
import type { RemoteProblem } from '../index-problems';
import type { HttpClient } from './http-client';
import type { ModelSync } from './model-sync';
import type { ArtifactStore } from './store';

export interface RemoteModelsOptions {
  readonly store: ArtifactStore;
  readonly client: HttpClient;
  readonly models: readonly ModelSync[];
  /** How often the remote manifests are looked at. */
  readonly pollIntervalMs: number;
  /** From 0 to below 1; spreads the looks of many replicas. */
  readonly random: () => number;
  readonly logger: Pick<BaseLogger, 'info' | 'error'>;
}

/** Keeps the folders of all remote models in step with their remotes while the service runs. */
export class RemoteModels {
  readonly #stop = new AbortController();
  /** Models of which it is not known yet whether they can be fetched. */
  readonly #pending = new Set<ModelSync>();
  /** What the log said last of each model. */
  readonly #told = new Map<ModelSync, string>();
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> = Promise.resolve();

  constructor(private readonly options: RemoteModelsOptions) {}

  /**
   * Resolves when every model is there, or known not to be fetchable just now. What an earlier process left is taken
   * as it is, so that a start needs no network; what is new follows by and by.
   *
   * @throws ArtifactError where the store cannot be written to
   */
  async start(): Promise<void> {
    const { models, store } = this.options;
    await store.prepare();
    const resumed = await Promise.all(models.map((model) => model.resume()));
    const absent = models.filter((_, i) => !resumed[i]);
    for (const model of absent) this.#pending.add(model);
    const first = Promise.all(absent.map((model) => this.#look(model)));
    this.#round = Promise.all([first, ...models.filter((_, i) => resumed[i]).map((model) => this.#look(model))]).then(
      () => this.#schedule(),
    );
    await first;
  }

  /** What of the remote models is not as their manifests say. */
  problems(): RemoteProblem[] {
    const pending = [...this.#pending].map(
      ({ name }): RemoteProblem => ({ name, version: undefined, state: 'LOADING', reason: 'it is being fetched' }),
    );
    const failed = this.options.models.flatMap(({ name, problems }) =>
      problems.map(({ version, reason }): RemoteProblem => ({ name, version, state: 'UNAVAILABLE', reason })),
    );
    return [...pending, ...failed];
  }

  /** Stops downloads; what has arrived of them stays for the next start. */
  async close(): Promise<void> {
    this.#stop.abort();
    clearTimeout(this.#timer);
    await this.#round;
    this.options.client.close();
  }

  #schedule(): void {
    if (this.#stop.signal.aborted) return;
    const { pollIntervalMs, random, models } = this.options;
    this.#timer = setTimeout(
      () => {
        this.#round = Promise.all(models.map((model) => this.#look(model))).then(() => this.#schedule());
      },
      pollIntervalMs * (0.9 + 0.2 * random()),
    ).unref();
  }

  async #look(model: ModelSync): Promise<void> {
    await model.look(this.#stop.signal);
    this.#pending.delete(model);
    if (!this.#stop.signal.aborted) this.#tell(model);
  }

  /** A server that stays away is told once, not at every look. */
  #tell(model: ModelSync): void {
    const { logger } = this.options;
    const reasons = model.problems.map(({ reason }) => reason).join('; ');
    const before = this.#told.get(model) ?? '';
    if (reasons === before) return;
    this.#told.set(model, reasons);
    if (reasons === '') logger.info({ model: model.name }, 'remote model can be fetched again');
    for (const { version, reason } of model.problems) {
      logger.error({ model: model.name, version, reason }, 'remote model cannot be fetched');
    }
  }
}
