import type { ModelSource, Snapshot } from './scan';

/** What is known of each version: the fingerprint of the files that its last load began with, if any did. */
export type Tracked = ReadonlyMap<
  string,
  { readonly versions: ReadonlyMap<string, { readonly attempted: string | undefined }> }
>;

export interface Changes {
  /** Versions that are on disk and not tracked yet. */
  readonly appeared: readonly ModelSource[];
  /** Versions that are tracked and no longer on disk. */
  readonly gone: readonly { readonly name: string; readonly version: string }[];
  /** Versions whose present files were never tried and are complete; newest first. */
  readonly load: readonly ModelSource[];
}

/**
 * Compares what is on disk with what is tracked.
 *
 * Files count as complete when the look before saw the same ones: a file that is being copied grows between two looks.
 * Without a look before they are taken as they are; if they turn out broken, they are tried again once they change.
 */
export function findChanges(
  now: Snapshot['models'],
  before: Snapshot['models'] | undefined,
  tracked: Tracked,
): Changes {
  const appeared: ModelSource[] = [];
  const load: ModelSource[] = [];
  for (const source of [...now.values()].flat()) {
    const known = tracked.get(source.name)?.versions.get(String(source.version));
    if (known === undefined) appeared.push(source);
    const isComplete =
      before === undefined || find(before, source.name, source.version)?.fingerprint === source.fingerprint;
    if (isComplete && known?.attempted !== source.fingerprint) load.push(source);
  }
  const gone = [...tracked].flatMap(([name, { versions }]) =>
    [...versions.keys()]
      .filter((version) => find(now, name, Number(version)) === undefined)
      .map((version) => ({ name, version })),
  );
  return { appeared, gone, load: load.sort((a, b) => b.version - a.version) };
}

function find(models: Snapshot['models'], name: string, version: number): ModelSource | undefined {
  return models.get(name)?.find((source) => source.version === version);
}
