import { BatchError } from '../errors';
import type { InputFile } from './input-file';
import type { BatchPlan, RunIdentity } from './plan';

/** Names that are listed of many files. */
const MAX_NAMES = 3;

/**
 * @param place the output folder, as its user names it
 * @throws BatchError where a run cannot go on with a plan, because it is the plan of another one
 */
export function checkSameRun(
  plan: BatchPlan,
  identity: RunIdentity,
  inputs: readonly InputFile[],
  place: string,
): void {
  const problem = inputProblem(plan.inputs, inputs, place) ?? flagProblem(plan, identity, place);
  if (problem !== undefined) throw new BatchError(`${problem}; choose another --out`);
}

function flagProblem(plan: BatchPlan, identity: RunIdentity, place: string): string | undefined {
  const flags: readonly (readonly [flag: string, was: string, is: string])[] = [
    ['--model', modelTitle(plan.model), modelTitle(identity.model)],
    ['--format', plan.format, identity.format],
    ['--keep', plan.keep.join(',') || 'not given', identity.keep.join(',') || 'not given'],
    ['--part-rows', String(plan.partRows ?? identity.partRows), String(identity.partRows)],
  ];
  const other = flags.find(([, was, is]) => was !== is);
  if (other !== undefined) return `${place} holds another run: ${other[0]} was ${other[1]}, but is ${other[2]}`;
  if (plan.model.digest === identity.model.digest) return undefined;
  return `${place} holds another run: ${modelTitle(plan.model)} has other files since`;
}

function modelTitle({ name, version }: BatchPlan['model']): string {
  return `${name} version ${version}`;
}

function inputProblem(found: BatchPlan['inputs'], wanted: readonly InputFile[], place: string): string | undefined {
  const stamps = new Map(found.map(({ name, stamp }) => [name, stamp]));
  const added = wanted.filter(({ name }) => !stamps.has(name));
  const gone = found.filter(({ name }) => !wanted.some((file) => file.name === name));
  if (gone.length === found.length) return `${place} was made from ${listed(found)}`;
  if (added.length > 0) return `${place} was made without ${listed(added)}`;
  if (gone.length > 0) return `${place} was made with ${listed(gone)}, too`;
  const changed = wanted.filter(({ name, stamp }) => stamps.get(name) !== stamp);
  if (changed.length === 0) return undefined;
  return `${listed(changed)} ${changed.length === 1 ? 'has' : 'have'} changed since ${place} was made`;
}

function listed(files: readonly { readonly name: string }[]): string {
  const names = files.slice(0, MAX_NAMES).map(({ name }) => name);
  const more = files.length - names.length;
  return more === 0 ? names.join(', ') : `${names.join(', ')} and ${more} more`;
}
