import { resolve } from 'node:path';
import { Command } from 'commander';
import { Registry } from 'prom-client';
import { loadSpec } from '../lib/spec/load';
import { ArtifactError } from '../service/errors';
import { type PulledModel, pullModels } from '../service/repository/artifacts/pull';
import { ArtifactMetrics } from '../service/telemetry/artifact-metrics';
import { EXIT, UsageError } from './errors';

const EXAMPLES = `
Examples:
  $ headroom pull --spec headroom.yaml --to /models     then: headroom serve --models /models

Exit code 1 if a model did not arrive whole; what has arrived is not fetched again by the next try.`;

/** `headroom pull`: fetches the remote models of a spec once, as an init container does. */
export function pullCommand(): Command {
  return new Command('pull')
    .description('fetch the models of a spec that have a URL into a folder, verified by their digests')
    .option('--spec <file>', 'the spec', 'headroom.yaml')
    .requiredOption('--to <dir>', 'folder of models, <model>/<version>/model.onnx')
    .option('--json', 'tell what was fetched as one line of JSON')
    .addHelpText('after', EXAMPLES)
    .action(async ({ spec: file, to, json }: { spec: string; to: string; json?: true }) => {
      const spec = loadSpec(file);
      const models = spec.models.flatMap(({ name, url }) => (url === undefined ? [] : [{ name, url }]));
      if (models.length === 0) throw new UsageError(`${file} has no model with a URL, so there is nothing to pull`);
      const metrics = new ArtifactMetrics(new Registry());
      const pulled = await pullOrExplain(() => pullModels(models, resolve(to), process.env, spec.aws?.region, metrics));
      process.stdout.write(json === undefined ? asText(pulled) : `${JSON.stringify({ models: pulled })}\n`);
      if (pulled.some(({ problems }) => problems.length > 0)) process.exitCode = EXIT.failedVerdict;
    });
}

/** A folder that cannot be written to is a mistake of whoever chose it. */
async function pullOrExplain(pull: () => Promise<PulledModel[]>): Promise<PulledModel[]> {
  try {
    return await pull();
  } catch (error) {
    throw error instanceof ArtifactError ? new UsageError(`--to: ${error.message}`) : error;
  }
}

function asText(pulled: readonly PulledModel[]): string {
  const lines = pulled.map(({ name, url, problems }) =>
    problems.length === 0 ? `${name} is as in ${url}` : `${name} is not complete: ${problems.join('; ')}`,
  );
  return `${lines.join('\n')}\n`;
}
