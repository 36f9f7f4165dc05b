import { resolve } from 'node:path';
import { Command, Option } from 'commander';
import { Registry } from 'prom-client';
import { loadSpec } from '../lib/spec/load';
import { ArtifactError } from '../service/errors';
import { parseModelStore, placesOf } from '../service/repository/artifacts/model-places';
import { type PulledModel, type PullTarget, pullModels } from '../service/repository/artifacts/pull';
import { flagName, SETTINGS, variableName } from '../service/settings';
import { ArtifactMetrics } from '../service/telemetry/artifact-metrics';
import { EXIT, UsageError } from './errors';

const EXAMPLES = `
Examples:
  $ headroom pull --spec headroom.yaml --to /models                 then: headroom serve --models /models
  $ headroom pull --spec headroom.yaml --artifact-cache /artifacts  then: headroom serve --spec headroom.yaml
                                                                          --artifact-cache /artifacts

Exit code 1 if a model did not arrive whole; what has arrived is not fetched again by the next try.`;

interface PullFlags {
  readonly spec: string;
  readonly to?: string;
  readonly artifactCache?: string;
  readonly modelStore?: string;
  readonly json?: true;
}

/** `headroom pull`: fetches the remote models of a spec once, as an init container does. */
export function pullCommand(): Command {
  return new Command('pull')
    .description('fetch the models of a spec that have a URL, verified by their digests')
    .option('--spec <file>', 'the spec', 'headroom.yaml')
    .option('--to <dir>', 'folder of models to fetch into, <model>/<version>/model.onnx')
    .addOption(environmentOption('artifactCache', 'dir', 'or the artifact cache of a service that is to start'))
    .addOption(environmentOption('modelStore', 'url', SETTINGS.modelStore.description))
    .option('--json', 'tell what was fetched as one line of JSON')
    .addHelpText('after', EXAMPLES)
    .action(pull);
}

/** An option that is a setting of the service, too. */
function environmentOption(key: keyof typeof SETTINGS, placeholder: string, description: string): Option {
  return new Option(`${flagName(key)} <${placeholder}>`, description).env(variableName(key));
}

async function pull({ spec: file, to, artifactCache, modelStore, json }: PullFlags): Promise<void> {
  const target = targetOf(to, artifactCache);
  const spec = loadSpec(file);
  const store = modelStore === undefined ? undefined : parseModelStore(modelStore, flagName('modelStore'));
  const { remote } = placesOf(spec.models, store);
  if (remote.length === 0) throw new UsageError(`${file} has no model with a URL, so there is nothing to pull`);
  const metrics = new ArtifactMetrics(new Registry());
  const options = { target, environment: process.env, region: spec.aws?.region, metrics };
  const pulled = await pullOrExplain(() => pullModels(remote, options), to === undefined ? '--artifact-cache' : '--to');
  process.stdout.write(json === undefined ? asText(pulled) : `${JSON.stringify({ models: pulled })}\n`);
  if (pulled.some(({ problems }) => problems.length > 0)) process.exitCode = EXIT.failedVerdict;
}

/** A folder that was asked for goes before a cache that the environment names for all commands. */
function targetOf(to: string | undefined, artifactCache: string | undefined): PullTarget {
  if (to !== undefined) return { kind: 'folder', directory: resolve(to) };
  if (artifactCache !== undefined) return { kind: 'cache', directory: resolve(artifactCache) };
  throw new UsageError('nothing says where to fetch to, expected --to DIR or --artifact-cache DIR');
}

/** A folder that cannot be written to is a mistake of whoever chose it. */
async function pullOrExplain(pull: () => Promise<PulledModel[]>, flag: string): Promise<PulledModel[]> {
  try {
    return await pull();
  } catch (error) {
    throw error instanceof ArtifactError ? new UsageError(`${flag}: ${error.message}`) : error;
  }
}

function asText(pulled: readonly PulledModel[]): string {
  const lines = pulled.map(({ name, url, problems }) =>
    problems.length === 0 ? `${name} is as in ${url}` : `${name} is not complete: ${problems.join('; ')}`,
  );
  return `${lines.join('\n')}\n`;
}
