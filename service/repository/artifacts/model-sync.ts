import { ArtifactError } from '../../errors';
import type { ArtifactMetrics } from '../../telemetry/artifact-metrics';
import { reasonOf } from '../reason';
import { download } from './download';
import type { ModelFolder } from './generation';
import { describeFailure } from './http-client';
import { type ArtifactFile, type Manifest, partsOf } from './manifest';
import type { Remote } from './remote';
import type { ArtifactStore } from './store';

/** What is wrong with one version, or with all of a model. */
export interface SyncProblem {
  /** Undefined: nothing can be said of single versions, for the manifest or what they share is not there. */
  readonly version: string | undefined;
  readonly reason: string;
}

export interface ModelSyncParts {
  readonly name: string;
  readonly remote: Remote;
  readonly store: ArtifactStore;
  readonly folder: ModelFolder;
  readonly metrics: ArtifactMetrics;
}

/** Keeps the folder of one model in step with its remote manifest. */
export class ModelSync {
  #manifest: Manifest | undefined;
  #etag: string | undefined;
  /** Problems of the last look. */
  #problems: readonly SyncProblem[] = [];
  #isInStep = false;

  constructor(private readonly parts: ModelSyncParts) {}

  get name(): string {
    return this.parts.name;
  }

  get problems(): readonly SyncProblem[] {
    return this.#problems;
  }

  /**
   * Takes what an earlier process left, without the network.
   * @returns whether there was something to serve
   */
  async resume(): Promise<boolean> {
    const present = await this.parts.folder.present();
    if (present !== undefined) await this.#hold(present);
    return present !== undefined;
  }

  /** Looks at the remote and brings what is new. What goes wrong is in {@link problems}; nothing is thrown. */
  async look(signal: AbortSignal): Promise<void> {
    const end = this.parts.metrics.startSync(this.name);
    try {
      const manifest = await this.#newManifest(signal);
      if (manifest !== undefined) this.#problems = await this.#bring(manifest, signal);
    } catch (error) {
      this.#isInStep = false;
      this.#problems = [{ version: undefined, reason: this.#sentence(error, 'manifest.json') }];
    }
    end(this.#problems.length === 0 ? 'ok' : 'error');
  }

  /** Undefined where the last look brought everything and nothing has changed since. */
  async #newManifest(signal: AbortSignal): Promise<Manifest | undefined> {
    const answer = await this.parts.remote.manifest(this.#etag, signal);
    if (answer !== 'unchanged') {
      this.#manifest = answer.manifest;
      this.#etag = answer.etag;
    } else if (this.#isInStep) {
      return undefined;
    }
    return this.#manifest;
  }

  /**
   * A version whose files do not all arrive keeps those it had, and until all is well no version goes: what serves,
   * serves on.
   */
  async #bring({ files }: Manifest, signal: AbortSignal): Promise<SyncProblem[]> {
    const present = (await this.parts.folder.present()) ?? [];
    await this.#hold([...present, ...files]);
    const wanted = partsOf(files);
    const had = partsOf(present);
    const problems: SyncProblem[] = [];
    const sharedProblem = await this.#fetchAll(wanted.shared, signal);
    if (sharedProblem !== undefined) {
      this.#isInStep = false;
      return [{ version: undefined, reason: sharedProblem }];
    }
    const next: ArtifactFile[] = [...wanted.shared];
    for (const [version, versionFiles] of newestFirst(wanted.versions)) {
      const problem = await this.#fetchAll(versionFiles, signal);
      if (problem === undefined) next.push(...versionFiles);
      else {
        problems.push({ version, reason: problem });
        next.push(...(had.versions.get(version) ?? []));
      }
    }
    this.#isInStep = problems.length === 0;
    if (!this.#isInStep) {
      for (const [version, kept] of had.versions) if (!wanted.versions.has(version)) next.push(...kept);
    }
    if (next.some(({ path }) => path.includes('/'))) await this.parts.folder.publish(next);
    // What served until now may still be read by a load or a worker that begins anew; it goes with the next change.
    await this.#hold([...present, ...next]);
    return problems;
  }

  /** @returns what went wrong, if anything */
  async #fetchAll(files: readonly ArtifactFile[], signal: AbortSignal): Promise<string | undefined> {
    for (const file of files) {
      try {
        await this.#fetch(file, signal);
      } catch (error) {
        this.parts.metrics.countFile(this.name, 'error');
        return this.#sentence(error, file.path);
      }
    }
    return undefined;
  }

  async #fetch(file: ArtifactFile, signal: AbortSignal): Promise<void> {
    const { store, remote, metrics, name } = this.parts;
    const onBytes = (count: number) => metrics.countBytes(name, count);
    const outcome = await store.fetch(file, (target) => download(remote, file, target, onBytes, signal));
    metrics.countFile(name, outcome);
  }

  #hold(files: readonly ArtifactFile[]): Promise<void> {
    return this.parts.store.hold(this.name, new Set(files.map(({ sha256 }) => sha256)));
  }

  #sentence(error: unknown, path: string): string {
    const reason = error instanceof ArtifactError ? error.message : reasonOf(describeFailure(error));
    return `${path} cannot be fetched from ${this.parts.remote.url}: ${reason}`;
  }
}

/** The newest version is the one that is waited for. */
function newestFirst(
  versions: ReadonlyMap<string, readonly ArtifactFile[]>,
): (readonly [string, readonly ArtifactFile[]])[] {
  return [...versions].sort(([a], [b]) => Number(b) - Number(a));
}
