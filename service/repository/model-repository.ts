import { ConfigError, modelNotFound, modelNotReady, type ServiceError, stopping, versionNotFound } from '../errors';
import type { RemoteModels } from './artifacts/remote-models';
import { findChanges } from './changes';
import { addRemoteProblems, type RemoteProblem } from './index-problems';
import type { Lease } from './lease';
import type { IndexEntry } from './model-slot';
import { ModelTable, type ModelTableOptions } from './model-table';
import { reasonOf } from './reason';
import { type ModelPaths, type Snapshot, scanRepository } from './scan';
import type { ServedModel } from './served-model';

export interface ModelRepositoryOptions extends ModelTableOptions {
  readonly paths: ModelPaths;
  /** How often the files are looked at. Polling works where watching does not: on NFS and on Kubernetes volumes. */
  readonly pollIntervalMs: number;
  /** Keeps the folders of models that come from elsewhere in step; undefined where there are none. */
  readonly remote?: RemoteModels | undefined;
}

/**
 * The models that lie in a folder, kept in step with it while requests are served: a version that appears is loaded,
 * warmed up and then swapped in; one that goes is handed out no more and closed when its last lease is back.
 */
export class ModelRepository {
  readonly #table: ModelTable;
  /** Names that were explicitly unloaded; they stay so until they are explicitly loaded. */
  readonly #unloaded = new Set<string>();
  /** What the last look saw. */
  #snapshot: Snapshot | undefined;
  /** Ends when the look under way does. */
  #lookEnd: Promise<void> = Promise.resolve();
  /** What the log said last of looks that failed. */
  #lookFailure: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(private readonly options: ModelRepositoryOptions) {
    this.#table = new ModelTable(options);
  }

  /**
   * Loads all that is there, then keeps looking. Resolves when every version is loaded or has failed.
   *
   * @throws ConfigError when the repository cannot be read
   */
  async start(): Promise<void> {
    const { paths, remote } = this.options;
    try {
      await remote?.start();
      await this.#look();
    } catch (error) {
      const where = typeof paths === 'string' ? ` '${paths}'` : '';
      throw new ConfigError(`the model repository${where} cannot be read: ${reasonOf(error)}`);
    }
    this.#schedule();
    await this.#table.allLoads();
  }

  /**
   * Lends a model; the caller must release the lease.
   *
   * @param version as it stands in a path; undefined: the newest that is ready
   * @throws ServiceError 404 when there is no such model or version, 503 with the reason when it is not ready
   */
  acquire(name: string, version?: string): Lease {
    const model = this.#table.models.get(name);
    const holder = version === undefined ? model?.current : model?.versions.get(version)?.serving;
    if (holder === undefined) throw this.#refusal(name, version);
    return holder.acquire();
  }

  /** True for a model that is known, ready or not. */
  has(name: string): boolean {
    return this.#table.models.has(name) || this.#isUnloaded(name);
  }

  /** Names of all models that are known, ready or not. */
  names(): string[] {
    return [...new Set(this.index().map(({ name }) => name))];
  }

  /** Versions of a model that can be acquired, oldest first. */
  versionsOf(name: string): string[] {
    return this.#table.models.get(name)?.readyVersions ?? [];
  }

  /** All models that can be acquired. */
  served(): ServedModel[] {
    return [...this.#table.models.values()].flatMap(({ reachable }) => [...reachable].map(({ model }) => model));
  }

  /** Every version with its state, by name and version. */
  index(): IndexEntry[] {
    const entries = [...this.#table.models.values()].flatMap((model) => model.index());
    for (const name of this.#unloaded) {
      for (const { version } of this.#snapshot?.models.get(name) ?? []) {
        entries.push({ name, version: String(version), state: 'UNAVAILABLE', reason: 'unloaded' });
      }
    }
    return [...addRemoteProblems(entries, this.#remoteProblems())].sort((a, b) =>
      a.name === b.name ? Number(a.version) - Number(b.version) : a.name < b.name ? -1 : 1,
    );
  }

  /**
   * Loads what of a model is not loaded, without waiting for the next look, and tries again what failed. Undoes
   * {@link unload}.
   *
   * @throws ServiceError 404 for an unknown model; 503 with the reason when its newest version does not load
   */
  async load(name: string): Promise<void> {
    await this.#table.loadsOf(name);
    this.#unloaded.delete(name);
    await this.#look(name);
    await this.#table.loadsOf(name);
    const newest = this.#table.models.get(name)?.newest;
    if (newest === undefined) throw this.#refusal(name, undefined);
    if (newest.serving === undefined || newest.failure !== undefined) throw modelNotReady(name, newest.hindrance);
  }

  /**
   * Takes a model out of service, whatever its files do, until {@link load}. Resolves when it is closed.
   *
   * @throws ServiceError 404 for an unknown model
   */
  async unload(name: string): Promise<void> {
    if (!this.has(name)) throw this.#refusal(name, undefined);
    this.options.logger.info({ model: name }, 'model is unloaded on request');
    this.#unloaded.add(name);
    await this.#table.drop(name);
  }

  /** One look at the files, as the timer takes it. Resolves when the loads under way have ended. */
  async poll(): Promise<void> {
    await this.#look();
    await this.#table.allLoads();
  }

  /** Hands out nothing more. Resolves when all leases are back and all models are closed. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    // At the same time: nothing more may be handed out while a download is given up.
    await Promise.all([this.options.remote?.close(), this.#table.close()]);
  }

  #schedule(): void {
    if (this.#closed) return;
    this.#timer = setTimeout(() => void this.#lookOnTime(), this.options.pollIntervalMs).unref();
  }

  async #lookOnTime(): Promise<void> {
    try {
      await this.#look();
      this.#lookFailure = undefined;
    } catch (error) {
      if (this.#closed) return;
      const reason = reasonOf(error);
      // What is loaded serves on. A volume that stays away is told once, not at every look.
      if (reason !== this.#lookFailure) this.options.logger.error({ reason }, 'model repository cannot be read');
      this.#lookFailure = reason;
    }
    this.#schedule();
  }

  /** Looks once no other look is under way, and begins what follows from it. `urgent` names a model to load at once. */
  #look(urgent?: string): Promise<void> {
    const look = this.#lookEnd.then(() => this.#lookNow(urgent));
    this.#lookEnd = look.catch(() => undefined);
    return look;
  }

  async #lookNow(urgent: string | undefined): Promise<void> {
    const before = this.#snapshot;
    const now = await scanRepository(this.options.paths, before);
    if (this.#closed) return;
    this.#snapshot = now;
    this.#warnOfIgnored(now, before);
    const { models } = this.#table;
    const wanted = new Map([...now.models].filter(([name]) => !this.#unloaded.has(name)));
    let seenBefore = before?.models;
    if (seenBefore !== undefined && urgent !== undefined) {
      models.get(urgent)?.retryFailed();
      seenBefore = new Map(seenBefore).set(urgent, now.models.get(urgent) ?? []);
    }
    this.#table.apply(findChanges(wanted, seenBefore, models));
  }

  #warnOfIgnored(now: Snapshot, before: Snapshot | undefined): void {
    const told = new Set(before?.ignored.map(({ path, reason }) => `${path} ${reason}`));
    for (const { path, reason } of now.ignored) {
      if (!told.has(`${path} ${reason}`)) this.options.logger.warn({ path, reason }, 'folder is not served');
    }
  }

  #remoteProblems(): readonly RemoteProblem[] {
    return this.options.remote?.problems() ?? [];
  }

  #isUnloaded(name: string): boolean {
    return this.#unloaded.has(name) && this.#snapshot?.models.has(name) === true;
  }

  /** Why a model or version cannot be acquired. */
  #refusal(name: string, version: string | undefined): ServiceError {
    if (this.#closed) return stopping();
    if (this.#snapshot === undefined) return modelNotReady(name, 'the models are not loaded yet');
    if (this.#isUnloaded(name)) return modelNotReady(name, 'it is unloaded');
    const model = this.#table.models.get(name);
    if (model === undefined) {
      if (this.#snapshot.models.has(name)) return modelNotReady(name, 'it is about to be loaded');
      const problem = this.#remoteProblems().find((remote) => remote.name === name);
      return problem === undefined ? modelNotFound(name, this.names()) : modelNotReady(name, problem.reason);
    }
    const slot = version === undefined ? model.newest : model.versions.get(version);
    if (slot !== undefined) return modelNotReady(name, slot.hindrance);
    return version === undefined
      ? modelNotFound(name, this.names())
      : versionNotFound(name, version, model.readyVersions);
  }
}
