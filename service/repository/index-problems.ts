import type { IndexEntry } from './model-slot';

/** A remote model or version that is not there, or not as new as it should be. */
export interface RemoteProblem {
  readonly name: string;
  /** Undefined: the whole model. */
  readonly version: string | undefined;
  readonly state: 'LOADING' | 'UNAVAILABLE';
  readonly reason: string;
}

/**
 * Adds to the repository's index what it cannot see, because it looks at local folders only. What serves stays READY,
 * with the reason why it is not the newest; a model of which nothing is here gets an entry without a version.
 */
export function addRemoteProblems(
  entries: readonly IndexEntry[],
  problems: readonly RemoteProblem[],
): readonly IndexEntry[] {
  const added: IndexEntry[] = [];
  const told = entries.map((entry) => {
    const problem = problems.find(
      ({ name, version }) => name === entry.name && (version ?? entry.version) === entry.version,
    );
    return problem !== undefined && entry.reason === '' ? { ...entry, reason: problem.reason } : entry;
  });
  for (const { name, version, state, reason } of problems) {
    const isThere = entries.some((entry) => entry.name === name && (version ?? entry.version) === entry.version);
    if (!isThere) added.push({ name, version: version ?? '', state, reason });
  }
  return [...told, ...added];
}
