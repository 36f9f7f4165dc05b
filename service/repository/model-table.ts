import { performance } from 'node:perf_hooks';
import type { BaseLogger } from 'pino';
import type { Changes } from './changes';
import { ModelHolder } from './lease';
import { LoadQueue } from './load-queue';
import { ModelSlot, VersionSlot } from './model-slot';
import { reasonOf } from './reason';
import { isUnchanged, type ModelSource } from './scan';
import type { ServedModel } from './served-model';

export interface ModelTableOptions {
  /** Makes a version ready to serve, warmed up. What it throws becomes the reason why the version is unavailable. */
  readonly load: (source: ModelSource) => Promise<ServedModel>;
  readonly logger: Pick<BaseLogger, 'info' | 'warn' | 'error'>;
  /** A model is handed out from now on. */
  readonly onReady?: (model: ServedModel) => void;
  /** A model is closed after its last lease came back, and no other serves under its name and version. */
  readonly onGone?: (model: ServedModel) => void;
}

/** Loads compete for cores with each other and with the requests being served. */
const LOADS_AT_ONCE = 4;

/** The models that are loaded or being loaded. Follows {@link Changes}; every swap happens within one call. */
export class ModelTable {
  readonly #models = new Map<string, ModelSlot>();
  readonly #queue = new LoadQueue(LOADS_AT_ONCE);
  readonly #loads = new Set<Promise<void>>();
  readonly #closes = new Set<Promise<void>>();

  constructor(private readonly options: ModelTableOptions) {}

  get models(): ReadonlyMap<string, ModelSlot> {
    return this.#models;
  }

  /** Takes in what changed: stops handing out what is gone at once, begins the loads in the background. */
  apply({ appeared, gone, load }: Changes): void {
    for (const { name, version } of appeared) {
      const model = this.#models.get(name) ?? new ModelSlot(name);
      model.versions.set(String(version), new VersionSlot(version));
      this.#models.set(name, model);
    }
    for (const { name, version } of gone) {
      this.options.logger.info({ model: name, version }, 'model version is gone');
      this.#models.get(name)?.versions.delete(version);
    }
    for (const name of new Set(gone.map((version) => version.name))) void this.#elect(name);
    for (const source of load) this.#begin(source);
  }

  /** Forgets a model. Resolves when its runtimes are closed. */
  async drop(name: string): Promise<void> {
    const model = this.#models.get(name);
    if (model === undefined) return;
    const loads = this.loadsOf(name);
    model.versions.clear();
    await Promise.all([loads, this.#elect(name)]);
  }

  /** Resolves when the present loads of a model have ended. */
  async loadsOf(name: string): Promise<void> {
    await Promise.all([...(this.#models.get(name)?.versions.values() ?? [])].map(({ loading }) => loading));
  }

  /** Resolves when all present loads have ended. */
  async allLoads(): Promise<void> {
    await Promise.all(this.#loads);
  }

  /** Drops every model. Resolves when all leases are back and all runtimes are closed. */
  async close(): Promise<void> {
    for (const name of [...this.#models.keys()]) void this.drop(name);
    await Promise.all([...this.#loads, ...this.#closes]);
  }

  #begin(source: ModelSource): void {
    const slot = this.#models.get(source.name)?.versions.get(String(source.version));
    // While one load is under way, the looks that follow find again that the files differ from what it began with.
    if (slot === undefined || slot.loading !== undefined) return;
    slot.attempted = source.fingerprint;
    slot.failure = undefined;
    const load = this.#queue.run(() => this.#load(slot, source));
    slot.loading = load.finally(() => {
      slot.loading = undefined;
    });
    this.#track(this.#loads, slot.loading);
  }

  async #load(slot: VersionSlot, source: ModelSource): Promise<void> {
    if (!this.#isWanted(slot, source)) return;
    const { logger, load } = this.options;
    const about = { model: source.name, version: source.version };
    const startedMs = performance.now();
    let model: ServedModel;
    try {
      model = await load(source);
    } catch (error) {
      slot.failure = describeFailure(error, source);
      logger.error({ ...about, reason: slot.failure }, 'model version cannot be loaded');
      return;
    }
    // Files that changed meanwhile may be neither what was digested nor what was loaded.
    const isCurrent = await isUnchanged(source).catch(() => false);
    if (!isCurrent || !this.#isWanted(slot, source)) {
      slot.attempted = undefined;
      await this.#retire(new ModelHolder(model));
      return;
    }
    this.#models.get(source.name)?.serve(slot, new ModelHolder(model));
    this.options.onReady?.(model);
    const loadMs = Math.round(performance.now() - startedMs);
    const { digest, sizeBytes, runtime } = model;
    logger.info({ ...about, digest, sizeBytes, executor: runtime.executor, loadMs }, 'model version is ready');
    void this.#elect(source.name);
  }

  /** False once the version is gone or its model unloaded, even if one of the same number came since. */
  #isWanted(slot: VersionSlot, { name, version }: ModelSource): boolean {
    return this.#models.get(name)?.versions.get(String(version)) === slot;
  }

  /** Decides what a model's name means. Resolves when what no request can reach any more is closed. */
  async #elect(name: string): Promise<void> {
    const model = this.#models.get(name);
    if (model === undefined) return;
    const unreachable = model.elect();
    if (model.versions.size === 0) this.#models.delete(name);
    await Promise.all(unreachable.map((holder) => this.#retire(holder)));
  }

  #retire(holder: ModelHolder): Promise<void> {
    const close = this.#close(holder);
    this.#track(this.#closes, close);
    return close;
  }

  async #close(holder: ModelHolder): Promise<void> {
    const { name, version } = holder.model;
    try {
      await holder.retire();
      this.options.logger.info({ model: name, version }, 'model version is closed');
    } catch (error) {
      this.options.logger.warn({ model: name, version, err: error }, 'model version did not close cleanly');
    }
    const heirs = [...(this.#models.get(name)?.reachable ?? [])];
    if (!heirs.some(({ model }) => model.version === version)) this.options.onGone?.(holder.model);
  }

  #track(set: Set<Promise<void>>, task: Promise<void>): void {
    set.add(task);
    void task.finally(() => set.delete(task));
  }
}

/** With paths relative to the model's folder: callers see it, and need not know where models lie. */
function describeFailure(error: unknown, { modelDirectory }: ModelSource): string {
  return reasonOf(error).replaceAll(`${modelDirectory}/`, '');
}
