import { didYouMean } from '../../../lib/spec/closest';
import type { Spec } from '../../../lib/spec/load';
import { UsageError } from '../../errors';
import { predictionPath, readText } from '../../service-client';
import { KEY_PLACE } from '../inputs/inputs';
import type { Ask } from './asker';
import {
  type Example,
  exampleOfAnnouncement,
  exampleOfService,
  exampleOfSpec,
  type ServedModels,
  servedModels,
} from './example';
import type { LocalService } from './local-service';

/** What is known before anything is sent. */
export interface Known {
  readonly spec: Spec | undefined;
  readonly local: LocalService | undefined;
  /** Models asked for by --model; undefined: those of the spec, else all. */
  readonly models: readonly string[] | undefined;
  /** File given by --body. */
  readonly bodyFile: string | undefined;
}

const MODEL_PATH = /^\/v[12]\/models\/([^/:]+)(?::predict|(?:\/versions\/\d+)?\/infer)$/;

/** What a URL asks for: the models of a service, one model, or just a path. @throws UsageError */
export async function findExamples(url: URL, ask: Ask, known: Known): Promise<Example[]> {
  const { bodyFile } = known;
  // Braces are not allowed in URLs, so the place of a key has been escaped.
  const path = (url.pathname + url.search).replaceAll(encodeURIComponent(KEY_PLACE), KEY_PLACE);
  const [, named] = MODEL_PATH.exec(path) ?? [];
  if (known.models !== undefined && path !== '/') {
    throw new UsageError(`--model chooses among the models of a service, but the URL asks for ${path} already`);
  }
  if (named === undefined && path !== '/') return [exampleOfPath(path, bodyFile)];
  const names = named === undefined ? await chosenModels(url.origin, ask, known) : [decodeURIComponent(named)];
  if (bodyFile !== undefined && names.length > 1) {
    throw new UsageError(`--body is for one model, but ${names.length} are loaded: --model chooses one`);
  }
  const examples: Example[] = [];
  for (const name of names) {
    const example = await exampleOf(ask, name, known);
    examples.push(named === undefined ? example : { ...example, path });
  }
  return examples;
}

function exampleOfPath(path: string, bodyFile: string | undefined): Example {
  const body = bodyFile === undefined ? '' : readText('--body', bodyFile);
  const contentType = bodyFile === undefined ? undefined : 'application/json';
  return { model: undefined, path, contentType, body, slo: undefined };
}

async function chosenModels(baseUrl: string, ask: Ask, { spec, models }: Known): Promise<readonly string[]> {
  const asked = spec?.models.filter(({ peakQps }) => peakQps > 0).map(({ name }) => name) ?? [];
  const index = await servedModels(ask);
  // A gateway does not let everyone see the index of the models behind it.
  if ('refusal' in index) {
    const chosen = models ?? asked;
    if (chosen.length > 0) return chosen;
    throw new UsageError(
      `the service at ${baseUrl} does not list its models (${index.refusal}): name them by --model, or their spec by --spec`,
    );
  }
  const { ready } = index;
  refuseUnready(models ?? (asked.length > 0 ? asked : [...index.unready.keys()]), index);
  const unknown = models?.find((name) => !ready.includes(name));
  if (unknown !== undefined) {
    const served = `${ready.join(', ') || 'none that is ready'}${didYouMean(unknown, ready)}`;
    throw new UsageError(`--model is '${unknown}', but the service has ${served}`);
  }
  if (models !== undefined) return models;
  const loaded = asked.filter((name) => ready.includes(name));
  const chosen = loaded.length === 0 ? ready : loaded;
  if (chosen.length === 0) {
    const named = asked.length === 0 ? '' : `, although the spec names ${asked.join(', ')}`;
    throw new UsageError(`the service at ${baseUrl} has no model${named}`);
  }
  return chosen;
}

/** A load without one of its models would be told as that of all. */
function refuseUnready(names: readonly string[], { ready, unready }: ServedModels): void {
  const name = names.find((one) => unready.has(one));
  if (name === undefined) return;
  const others = ready.length === 0 ? '' : `; --model chooses among ${ready.join(', ')}`;
  throw new UsageError(`${name} is not ready: ${unready.get(name)}${others}`);
}

async function exampleOf(ask: Ask, name: string, { spec, local, bodyFile }: Known): Promise<Example> {
  const slo = spec?.models.find((model) => model.name === name)?.slo;
  const found = exampleOfSpec(spec, name) ?? (local && exampleOfAnnouncement(local.announcement, name));
  if (bodyFile === undefined) return found ?? { ...(await exampleOfService(ask, name)), slo };
  const body = readText('--body', bodyFile);
  const path = predictionPath(name, body);
  return { model: name, path, contentType: 'application/json', body, slo: found?.slo ?? slo };
}
