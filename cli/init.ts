import { join } from 'node:path';
import { Command, Option } from 'commander';
import { USE_CASE_NAMES, type UseCaseName } from '../lib/spec/use-cases';
import { UsageError } from './errors';
import { type Initialised, type InspectModel, type InstalledFiles, initialise, SPEC_FILE } from './init/init';
import { describeBatching, describeSignature } from './init/model-facts';
import { type ChosenUseCase, parseUseCase } from './init/use-case';

const EXAMPLES = `
Examples:
  $ headroom init                                   the example: four bundled models
  $ headroom init my.onnx                           your model: copied to models/my/1/model.onnx,
                                                    with a model.yaml to describe its features
  $ headroom init my.onnx --use-case search-ranking
  $ headroom init models/fraud/3/model.onnx         a model that is laid out already: only the spec is written
  $ headroom serve --spec headroom.yaml             what to do next

Nothing is overwritten.`;

/** All are siblings of the bundle, whether it runs from a checkout or from an installed package. */
const INSTALLED: InstalledFiles = {
  example: join(__dirname, '..', SPEC_FILE),
  models: join(__dirname, '..', 'models'),
  schema: join(__dirname, '..', 'schema', 'headroom.schema.json'),
};

/** `headroom init [model.onnx]`: writes a commented headroom.yaml into the current folder. */
export function initCommand(inspectModel: InspectModel): Command {
  return new Command('init')
    .description(`write a commented ${SPEC_FILE} into the current folder, from a model's own metadata`)
    .argument('[model.onnx]', 'the model to serve; without it the spec is that of the bundled models')
    .addOption(
      new Option('--use-case <name>', `what it is for: ${USE_CASE_NAMES.join(', ')}; default: a guess`).argParser(
        parseUseCase,
      ),
    )
    .option('--json', 'tell what was written as one line of JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (modelFile: string | undefined, { json, useCase }: { json?: true; useCase?: UseCaseName }) => {
      if (modelFile === undefined && useCase !== undefined) {
        throw new UsageError('--use-case is what a model of yours is for, but none is given: headroom init my.onnx');
      }
      const result = await initialise(process.cwd(), modelFile, inspectModel, INSTALLED, useCase);
      process.stdout.write(json === undefined ? announce(result) : `${JSON.stringify(result)}\n`);
    });
}

function tellGuess({ name, guessedFrom }: ChosenUseCase): string[] {
  if (guessedFrom === null) return [];
  return ['', `The use case ${name}, which sets the SLO, is a guess: ${guessedFrom}.`];
}

function announce({ written, model }: Initialised): string {
  const facts =
    model === undefined ? [] : [...describeSignature(model.signature), `  ${describeBatching(model.signature)}`];
  const [first] = written;
  const copied = first !== undefined && first !== SPEC_FILE;
  return [
    ...(model === undefined ? [] : [`${model.name}:`, ...facts, '']),
    ...written.map((path) => `wrote ${path}`),
    ...(copied
      ? ['', 'Models are served from folders <model>/<version>/model.onnx, so the file was copied into one.']
      : []),
    ...(model === undefined
      ? ['', 'It names the bundled models, where they are installed; for a model of yours: headroom init my.onnx']
      : []),
    ...(model === undefined ? [] : tellGuess(model.useCase)),
    '',
    `next: edit ${SPEC_FILE} (${model?.useCase.guessedFrom === null ? 'peak' : 'use case, peak'}), then  headroom serve --spec ${SPEC_FILE}`,
    '',
  ].join('\n');
}
