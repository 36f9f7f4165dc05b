import { join, relative } from 'node:path';
import { Command, Option } from 'commander';
import { availableCores } from '../service/runtime/cores';
import { UsageError } from './errors';
import { adoptRecommended, requireRepository } from './optimize/adoption';
import { candidateFile } from './optimize/candidate-file';
import type { Technique } from './optimize/candidates';
import { asHtml } from './optimize/html';
import { METRIC_NAMES, type MetricName } from './optimize/metrics';
import { optimize } from './optimize/optimize';
import { pythonTechniques } from './optimize/python-techniques';
import { sessionTechniques } from './optimize/session-techniques';
import { findTarget } from './optimize/target';
import { asText } from './optimize/text';
import { openEnvironment, type PythonEnvironment, pythonCacheFolder } from './python/environment';
import { requireWritable, writeReport } from './report/store';
import { doWork, type Work } from './work';

const EXAMPLES = `
Examples:
  $ headroom optimize models/fraud-detection --data applicants.csv     all techniques, judged by the column 'label'
  $ headroom optimize model.onnx --only graph-disabled,threads-2       two techniques on a lone file
  $ headroom optimize models/fraud-detection --adopt --html report.html
  $ headroom optimize image-classification --json                      a bundled model, judged by its held-out sample

Each technique is measured against the model as it is, in one run, taking turns. Nothing is changed without --adopt.`;

/** All are siblings of the bundle, whether it runs from a checkout or from an installed package. */
const INSTALLED = {
  models: join(__dirname, '..', 'models'),
  candidate: join(__dirname, '..', '.build', 'candidate.js'),
  pythonTasks: join(__dirname, '..', 'cli', 'python', 'tasks'),
  requirements: join(__dirname, '..', 'cli', 'python', 'requirements', 'optimize.txt'),
};

interface Flags {
  readonly data?: string;
  readonly label: string;
  readonly group?: string;
  readonly metric?: MetricName;
  readonly maxLoss: number;
  readonly only?: readonly string[];
  readonly candidate: readonly string[];
  readonly adopt?: true;
  readonly html?: string;
  readonly out?: string;
  readonly json?: true;
}

/** `headroom optimize MODEL`: what each technique really brings for a model on this machine. */
export function optimizeCommand(): Command {
  return new Command('optimize')
    .description('try what makes a model faster or smaller, and say what it brought and what it lost')
    .argument('<model>', "a model's folder, a version's folder in it, an .onnx file, or the name of a bundled model")
    .option('--data <file>', 'evaluation set: CSV, JSONL or Parquet, a column for each feature or input')
    .option('--label <column>', 'its column of right answers', 'label')
    .option('--group <column>', 'its column that says which rows are ranked together')
    .addOption(new Option('--metric <name>', 'default: what suits the model').choices(METRIC_NAMES))
    .addOption(
      new Option('--max-loss <percent>', 'greatest loss that a recommendation may have')
        .default(0.01, '1')
        .argParser(percentage),
    )
    .addOption(
      new Option('--only <techniques>', 'only these, separated by commas').argParser((text) => text.split(',')),
    )
    .addOption(
      new Option('--candidate <file>', 'also measure this file, made elsewhere: distilled, retrained; repeatable')
        .default([], 'none')
        .argParser((file, files: string[]) => [...files, file]),
    )
    .option(
      '--adopt',
      "make what is recommended the model's next version, its threads and batch settings of model.yaml",
    )
    .option('--html <file>', 'also write the report as one page with plots')
    .option(
      '--out <file>',
      'also write the report as JSON, for the checklist and the plan: reports/optimize-MODEL.json',
    )
    .option('--json', 'print the report as one line of JSON')
    .addHelpText('after', EXAMPLES)
    .action(run);
}

async function run(model: string, flags: Flags): Promise<void> {
  const target = await findTarget(model, INSTALLED.models);
  if (flags.adopt) requireRepository(target);
  for (const [flag, file] of [
    ['--out', flags.out],
    ['--html', flags.html],
  ] as const) {
    if (file !== undefined) requireWritable(flag, file);
  }
  await doWork('optimize', async (work) => {
    const techniques = chosen(allTechniques(flags.candidate, work), flags.only);
    const optimized = await optimize({
      ...work,
      target,
      evaluation: flags,
      techniques,
      maxLoss: flags.maxLoss,
      candidatePath: INSTALLED.candidate,
    });
    const { report } = optimized;
    // First, since it is the last that may be interrupted.
    const adopted = flags.adopt ? await adoptRecommended(target, optimized, work.signal) : undefined;
    if (flags.html !== undefined) writeReport('--html', flags.html, asHtml(report));
    const json = `${JSON.stringify({ ...report, adopted })}\n`;
    if (flags.out !== undefined) writeReport('--out', flags.out, json);
    process.stdout.write(flags.json ? json : asText(report));
    if (!flags.json) for (const path of adopted?.written ?? []) process.stdout.write(`wrote ${relative('', path)}\n`);
  });
}

function allTechniques(candidates: readonly string[], { signal, progress }: Work): Technique[] {
  let environment: Promise<PythonEnvironment> | undefined;
  const open = () => {
    const cacheFolder = pythonCacheFolder();
    environment ??= openEnvironment({ requirements: INSTALLED.requirements, cacheFolder, signal, progress });
    return environment;
  };
  return [
    ...sessionTechniques(INSTALLED.candidate, availableCores()),
    ...pythonTechniques({ tasks: INSTALLED.pythonTasks, open }),
    ...candidates.map(candidateFile),
  ];
}

function chosen(techniques: readonly Technique[], only: readonly string[] | undefined): readonly Technique[] {
  const known = techniques.map(({ id }) => id);
  const unknown = only?.find((id) => !known.includes(id));
  if (unknown !== undefined) throw new UsageError(`--only has '${unknown}', expected some of ${known.join(', ')}`);
  return only === undefined ? techniques : techniques.filter(({ id }) => only.includes(id));
}

function percentage(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value <= 100) return value / 100;
  throw new UsageError(`--max-loss is '${text}', expected a number from 0 to 100`);
}
