import type { ModelHolder } from './lease';

/** One version in the repository's index, as Triton's model repository extension shapes it. */
export interface IndexEntry {
  readonly name: string;
  readonly version: string;
  readonly state: 'READY' | 'LOADING' | 'UNAVAILABLE';
  /** Why it is not ready, or what is wrong although it is; else empty. */
  readonly reason: string;
}

/** What became of one version that lies in the repository. */
export class VersionSlot {
  /** Fingerprint of the files that the last load began with. */
  attempted: string | undefined;
  /** The load under way. */
  loading: Promise<void> | undefined;
  /** Why the last load failed. */
  failure: string | undefined;
  /** What answers requests; stays when later files of the version fail to load. */
  serving: ModelHolder | undefined;

  constructor(readonly version: number) {}

  get status(): Pick<IndexEntry, 'state' | 'reason'> {
    const { failure } = this;
    if (this.serving !== undefined) {
      const reason = failure === undefined ? '' : `its earlier files serve, the present ones do not load: ${failure}`;
      return { state: 'READY', reason };
    }
    return failure === undefined ? { state: 'LOADING', reason: '' } : { state: 'UNAVAILABLE', reason: failure };
  }

  /** Why it does not serve its present files, as a clause. */
  get hindrance(): string {
    if (this.failure !== undefined) return `version ${this.version} cannot be loaded: ${this.failure}`;
    if (this.loading !== undefined) return `version ${this.version} is loading`;
    return `version ${this.version} is not loaded before its files stop changing`;
  }
}

/** The versions of one model, and which of them its bare name means. */
export class ModelSlot {
  readonly versions = new Map<string, VersionSlot>();
  readonly #held = new Set<ModelHolder>();
  #current: ModelHolder | undefined;

  constructor(readonly name: string) {}

  /** What the bare name means: the newest version that is ready. */
  get current(): ModelHolder | undefined {
    return this.#current;
  }

  /** The newest version on disk, ready or not. */
  get newest(): VersionSlot | undefined {
    return newestOf(this.versions.values());
  }

  /** Versions that can be acquired, oldest first. */
  get readyVersions(): string[] {
    const ready = this.#ready().sort((a, b) => a.version - b.version);
    return ready.map(({ version }) => String(version));
  }

  /** Everything that requests can reach. */
  get reachable(): Set<ModelHolder> {
    const holders = new Set<ModelHolder>();
    for (const { serving } of this.versions.values()) if (serving !== undefined) holders.add(serving);
    if (this.#current !== undefined) holders.add(this.#current);
    return holders;
  }

  /** Makes the versions that failed look as if they were never tried. */
  retryFailed(): void {
    for (const slot of this.versions.values()) if (slot.failure !== undefined) slot.attempted = undefined;
  }

  /** Puts a loaded model in the place of its version. */
  serve(slot: VersionSlot, holder: ModelHolder): void {
    slot.serving = holder;
    this.#held.add(holder);
  }

  /**
   * To be called after every change of the versions: decides anew what the bare name means.
   *
   * A version whose folder is gone keeps the bare name while others are there and none of them is ready, as after the
   * swap of a linked folder; otherwise requests would fail until the newcomer is loaded, or for ever if it is broken.
   *
   * @returns what no request can reach any more
   */
  elect(): ModelHolder[] {
    const ready = this.#ready();
    if (ready.length > 0 || this.versions.size === 0) this.#current = newestOf(ready)?.serving;
    const { reachable } = this;
    const unreachable = [...this.#held].filter((holder) => !reachable.has(holder));
    for (const holder of unreachable) this.#held.delete(holder);
    return unreachable;
  }

  index(): IndexEntry[] {
    const { name } = this;
    const entries = [...this.versions].map(([version, slot]): IndexEntry => ({ name, version, ...slot.status }));
    const current = this.#current;
    if (current !== undefined && !this.versions.has(String(current.model.version))) {
      const reason = 'its folder is gone; it serves until another version is ready';
      entries.push({ name, version: String(current.model.version), state: 'READY', reason });
    }
    return entries;
  }

  #ready(): VersionSlot[] {
    return [...this.versions.values()].filter(({ serving }) => serving !== undefined);
  }
}

function newestOf(slots: Iterable<VersionSlot>): VersionSlot | undefined {
  let newest: VersionSlot | undefined;
  for (const slot of slots) if (newest === undefined || slot.version > newest.version) newest = slot;
  return newest;
}
