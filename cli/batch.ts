import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command, Option } from 'commander';
import { counted } from '../lib/spec/counted';
import { loadSpec, type Spec } from '../lib/spec/load';
import { normaliseUrl } from '../lib/spec/model-url';
import { BatchModel } from '../service/batch/batch-model';
import { whyRejected } from '../service/batch/rejections';
import { type BatchSummary, runBatch, SUCCESS_FILE } from '../service/batch/run';
import { configuredFeatureStore } from '../service/cache/features/store-address';
import { readConfig } from '../service/config';
import { HttpClient } from '../service/repository/artifacts/http-client';
import { availableCores } from '../service/runtime/cores';
import { flagName, SETTINGS, type ServiceConfig, variableName } from '../service/settings';
import { createLogger } from '../service/telemetry/logger';
import { failureOf } from './batch/failure';
import { checkKept, keptColumns } from './batch/kept-columns';
import { modelPaths } from './batch/model-paths';
import { BatchPlaces } from './batch/places';
import { grouped, ProgressLine } from './batch/progress';
import { UsageError } from './errors';
import { interruptible } from './interrupts';

const EXAMPLES = `
Examples:
  $ headroom batch --model fraud-detection --in applicants.jsonl --out scored
  $ headroom batch --model fraud-detection --in applicants/ --out scored --format parquet --keep id,branch
  $ headroom batch --model fraud-detection --in applicants/ --out scored --shard 2 --shards 8
  $ headroom batch --model fraud-detection --in s3://shop-data/applicants/ --out s3://shop-data/scored

Rows that cannot be predicted go to _rejected/ in the output folder, with the reason. When all parts are there, the file
${SUCCESS_FILE} lists them. A run that was cut off goes on where it was when it is started again.

Exit code 1 if another try may help, 42 if it would end the same, 130 on Ctrl-C.`;

/** Settings of \`headroom serve\` that batch runs have, too. */
const SERVICE_SETTINGS = [
  'models',
  'spec',
  'modelStore',
  'artifactCache',
  'featureStore',
  'workers',
  'intraOpThreads',
  'provider',
  'logLevel',
] as const;

const MAX_SHARDS = 100_000;
const MAX_PART_ROWS = 1_000_000;

type Flags = Readonly<
  Record<(typeof SERVICE_SETTINGS)[number], string | undefined> & {
    model: string;
    in: string;
    out: string;
    format: 'jsonl' | 'parquet';
    keep?: string;
    partRows: string;
    shard: string;
    shards: string;
    json?: true;
  }
>;

/** `headroom batch`: predictions for the rows of files. */
export function batchCommand(): Command {
  const command = new Command('batch')
    .description('predict the rows of files: JSONL, CSV or Parquet in, JSONL or Parquet out')
    .requiredOption('--model <name>', 'the model, in its newest version')
    .requiredOption(
      '--in <path>',
      'file or folder of .jsonl, .csv or .parquet files, here or s3://…; columns are named like features',
    )
    .requiredOption('--out <dir>', 'folder for the results, of this run alone, here or s3://…')
    .addOption(new Option('--format <name>', 'of the results').choices(['jsonl', 'parquet']).default('jsonl'))
    .option('--keep <columns>', 'columns to copy from the input, separated by commas, such as id')
    .option('--part-rows <rows>', 'rows of one file of results; of Parquet, one for each row group', '10000')
    .addOption(
      new Option('--shard <n>', 'which share of the parts to do, from 0').env('JOB_COMPLETION_INDEX').default('0'),
    )
    .option('--shards <n>', 'how many such shares there are', '1')
    .option('--json', 'tell what was done as one line of JSON')
    .addHelpText('after', EXAMPLES);
  for (const key of SERVICE_SETTINGS) {
    const { placeholder, description } = SETTINGS[key];
    command.addOption(new Option(`${flagName(key)} <${placeholder}>`, `${description} [${variableName(key)}]`));
  }
  return command.action(batch);
}

async function batch(flags: Flags): Promise<void> {
  const progress = new ProgressLine(process.stderr, () => performance.now());
  try {
    const isInterrupted = await interruptible(progress.stopped.bind(progress), async (signal) => {
      const summary = await Promise.race([run(flags, progress), aborted(signal)]);
      process.stdout.write(flags.json ? `${JSON.stringify(summary)}\n` : asText(summary, flags));
    });
    // Nobody waits for what is under way: files appear whole or not at all.
    if (isInterrupted) process.exit();
  } catch (error) {
    const failure = failureOf(error);
    if (failure === undefined) throw error;
    process.stderr.write(`error: ${failure.message}\n`);
    process.exitCode = failure.exitCode;
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
  });
}

async function run(flags: Flags, progress: ProgressLine): Promise<BatchSummary & { readonly seconds: number }> {
  const shards = wholeNumber('--shards', flags.shards, 1, MAX_SHARDS);
  const shard = wholeNumber('--shard', flags.shard, 0, shards - 1);
  const partRows = wholeNumber('--part-rows', flags.partRows, 1, MAX_PART_ROWS);
  const keep = keptColumns(flags.keep);
  const config = readConfig({ ...pick(flags), logLevel: flags.logLevel ?? 'warn' }, process.env);
  const places = new BatchPlaces(flags.in, flags.out);
  const spec = config.spec === undefined ? undefined : loadSpec(config.spec);
  const workers = config.workers ?? availableCores();
  const startedMs = performance.now();
  const client = new HttpClient();
  try {
    const { inputs, output } = await places.open(client, process.env, spec?.aws?.region);
    await checkKept(keep, inputs);
    const done = await withModel(flags.model, { config, spec }, (model) =>
      runBatch({
        model,
        inputs,
        output,
        format: flags.format,
        keep,
        partRows,
        shard,
        shards,
        // Each worker has a batch while the next ones wait.
        lanes: 2 * workers + 2,
        onProgress: progress.tell.bind(progress),
        sleep,
      }),
    );
    return { ...done, seconds: (performance.now() - startedMs) / 1000 };
  } finally {
    client.close();
  }
}

interface ModelSource {
  readonly config: ServiceConfig;
  readonly spec: Spec | undefined;
}

/** Does something with a model that is open for that time. */
async function withModel<T>(
  name: string,
  { config, spec }: ModelSource,
  use: (model: BatchModel) => Promise<T>,
): Promise<T> {
  const { workers, intraOpThreads, provider } = config;
  const model = await BatchModel.open({
    name,
    paths: await modelPaths(name, config, spec, join(__dirname, '..', 'models')),
    spec,
    workerPath: join(__dirname, 'worker.js'),
    runtime: { workers, intraOpThreads, provider },
    featureStore: configuredFeatureStore(config, process.env),
    logger: createLogger(config.logLevel),
  });
  try {
    return await use(model);
  } finally {
    await model.close();
  }
}

function pick(flags: Flags): Record<string, string | undefined> {
  return Object.fromEntries(SERVICE_SETTINGS.map((key) => [key, flags[key]]));
}

function wholeNumber(flag: string, text: string, min: number, max: number): number {
  const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= min && number <= max) return number;
  throw new UsageError(`${flag} is '${text}', but must be a whole number from ${min} to ${max}`);
}

function asText(summary: BatchSummary & { readonly seconds: number }, { out, shards }: Flags): string {
  const { doneRows, rejectedRows, mostRejected, writtenParts, foundParts, isComplete, seconds } = summary;
  const folder = normaliseUrl(out);
  const told = (count: number, noun: string) => counted(count, noun, grouped(count));
  const found = foundParts === 0 ? '' : `, ${grouped(foundParts)} ${foundParts === 1 ? 'was' : 'were'} there`;
  const lines = [
    `${told(doneRows - rejectedRows, 'row')} predicted in ${seconds.toFixed(1)} s: ${told(writtenParts, 'part')} written${found}`,
    ...(mostRejected === undefined
      ? []
      : [`${told(rejectedRows, 'row')} rejected${whyRejected(mostRejected, rejectedRows)}; see ${folder}/_rejected`]),
    isComplete
      ? `${folder}/${SUCCESS_FILE} lists all parts`
      : `not complete yet: other shards of ${shards} are at work`,
  ];
  return `${lines.join('\n')}\n`;
}
