import { readFileSync } from 'node:fs';
import { LineCounter, parseAllDocuments } from 'yaml';
import { filesIn } from '../../lib/plan/folder-files';
import { keyword } from '../../lib/spec/describe';
import { UsageError } from '../errors';

/** One object of Kubernetes as it was written. */
export interface Manifest {
  readonly kind: string;
  readonly name: string;
  /** `dist/file.yaml:12`, where it begins. */
  readonly where: string;
  readonly value: unknown;
}

/** The objects in the YAML files of a folder. */
export function readManifests(folder: string): Manifest[] {
  return filesIn(folder, /\.ya?ml$/, 'manifests').flatMap(objectsOf);
}

function objectsOf(file: string): Manifest[] {
  const lineCounter = new LineCounter();
  const documents = parseAllDocuments(readFileSync(file, 'utf8'), { lineCounter });
  if (!Array.isArray(documents)) return [];
  return documents.flatMap((document) => {
    const [fault] = document.errors;
    if (fault !== undefined) throw new UsageError(`the manifest ${file} is not YAML: ${fault.message.split(':\n')[0]}`);
    const value: unknown = document.toJS();
    const kind = keyword(value, 'kind');
    if (typeof kind !== 'string') return [];
    const { line } = lineCounter.linePos(document.contents?.range?.[0] ?? 0);
    return [{ kind, name: String(keyword(keyword(value, 'metadata'), 'name')), where: `${file}:${line}`, value }];
  });
}

/** What scales the Deployment of a pool. */
export function scalerOf(
  pool: string,
  { manifests }: { readonly manifests: readonly Manifest[] },
): Manifest | undefined {
  return manifests.find(
    ({ kind, value }) =>
      (kind === 'HorizontalPodAutoscaler' || kind === 'ScaledObject') &&
      valueAt(value, 'spec', 'scaleTargetRef', 'name') === pool,
  );
}

/** A value below others, by their names; array elements by their position. */
export function valueAt(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce((at, name) => (Array.isArray(at) ? at[Number(name)] : keyword(at, name)), value);
}
