import type { SpecModel } from '../../../lib/spec/load';
import { findUrlProblem, isUrl, normaliseUrl } from '../../../lib/spec/model-url';
import { ConfigError } from '../../errors';
import type { RemoteModel } from './open-remote-models';

/** Where the models of a spec lie, by their names. */
export interface ModelPlaces {
  readonly local: readonly { readonly name: string; readonly folder: string }[];
  readonly remote: readonly RemoteModel[];
}

/**
 * Sorts the models of a spec by where they are.
 *
 * @param modelStore address below which every model that the spec names by a folder was pushed, under its name;
 *   undefined where those folders are here
 */
export function placesOf(models: readonly SpecModel[], modelStore: string | undefined): ModelPlaces {
  const local: { name: string; folder: string }[] = [];
  const remote: RemoteModel[] = [];
  for (const { name, folder, url } of models) {
    if (url !== undefined) remote.push({ name, url });
    else if (modelStore !== undefined) remote.push({ name, url: `${modelStore}/${name}` });
    else local.push({ name, folder });
  }
  return { local, remote };
}

/**
 * Reads the address of a store of models.
 *
 * @param source flag or variable that gave it, for the error
 * @returns the address without a slash at its end
 * @throws ConfigError for what is no address
 */
export function parseModelStore(text: string, source: string): string {
  const problem = isUrl(text) ? findUrlProblem(text) : 'no address';
  if (problem === undefined) return normaliseUrl(text);
  throw new ConfigError(`${source} is '${text}', expected s3://BUCKET/PREFIX or https://HOST/PATH`);
}
