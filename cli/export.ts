import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { EXIT, UsageError } from './errors';
import { exportModel } from './export/export';
import { type InputSpec, parseInputSpec } from './export/input-spec';
import { asText } from './export/text';
import { numberOption, wholeNumber } from './number-option';
import { quoted } from './spec-command';
import { doWork } from './work';

const EXAMPLES = `
Examples:
  $ headroom export churn.joblib                            scikit-learn, LightGBM or XGBoost, to models/churn/1/model.onnx
  $ headroom export churn.joblib --data customers.csv       checked on these rows, too; the first becomes the example
  $ headroom export model.py:build --name churn            what the function build returns: a model, or model and example
  $ headroom export net.py:build --input 'image:FP32[batch,3,224,224]' --output scores    a PyTorch module
  $ headroom export net.keras                               Keras; also a SavedModel's folder
  $ headroom export booster.txt --python .venv/bin/python   the Python that has the model's packages

A .pkl, .joblib, .pt, .keras or .py file may run code as it is loaded: export only what you trust.
Exit code 1 if the export answers otherwise than the original; then nothing is written. Nothing is overwritten.`;

/** All are siblings of the bundle, whether it runs from a checkout or from an installed package. */
const INSTALLED = {
  candidate: join(__dirname, '..', '.build', 'candidate.js'),
  script: join(__dirname, '..', 'cli', 'python', 'tasks', 'export.py'),
};

/** The most: files of 26 have the IR version 14, and ONNX Runtime 1.30.0 loads no later one than 13. */
const OPSETS = { least: 13, most: 25 } as const;
/** Suffixes of files that name what they hold, and bring no code of their own. */
const WITHOUT_CODE = /\.(?:txt|json|ubj)$/;

interface Flags {
  readonly name?: string;
  readonly models: string;
  readonly input: readonly InputSpec[];
  readonly output: readonly string[];
  readonly opset: number;
  readonly data?: string;
  readonly tolerance: number;
  readonly python: string;
  readonly json?: true;
}

/** `headroom export SOURCE`: a trained model as ONNX in the model repository, checked against the original. */
export function exportCommand(): Command {
  return new Command('export')
    .description('bring a trained model into the model repository, as ONNX')
    .argument('<source>', 'a saved model, or script.py:function')
    .option('--name <name>', "the model's name; default: from the file's")
    .option('--models <dir>', 'folder of models', 'models')
    .addOption(
      new Option('--input <spec>', "name:DATATYPE[batch,size…]; repeatable, in the model's order")
        .default([], 'what the model says')
        .argParser((text, specs: InputSpec[]) => [...specs, parseInputSpec(text)]),
    )
    .addOption(
      new Option('--output <name>', "repeatable, in the model's order")
        .default([], "the converter's names")
        .argParser((name, names: string[]) => [...names, name]),
    )
    .addOption(
      numberOption('--opset <number>', 'ONNX operator set', wholeNumber(OPSETS.least, OPSETS.most)).default(18),
    )
    .option('--data <file>', 'rows to check with beside random ones: CSV, JSONL or Parquet')
    .addOption(
      new Option('--tolerance <number>', 'how far answers may differ: absolute up to 1, relative above')
        .default(1e-4)
        .argParser(tolerance),
    )
    .option('--python <path>', "the Python that has the model's packages", 'python3')
    .option('--json', 'print the report as one line of JSON')
    .addHelpText('after', EXAMPLES)
    .action(run);
}

async function run(source: string, flags: Flags): Promise<void> {
  const file = source.replace(/(\.py):\w+$/, '$1');
  if (!existsSync(file)) throw new UsageError(`cannot export ${source}: ${file} does not exist`);
  if (source.endsWith('.onnx')) {
    throw new UsageError(
      `cannot export ${source}: an ONNX file needs no export, headroom init ${quoted(source)} takes it`,
    );
  }
  if (file === source && source.endsWith('.py')) {
    throw new UsageError(`cannot export ${source}: name the function that builds the model, such as ${source}:build`);
  }
  await doWork('export', async (work) => {
    if (!WITHOUT_CODE.test(source))
      work.progress(`warning: loading ${source} runs the code in it: export only what you trust`);
    const request = {
      ...{ source, name: flags.name, repository: flags.models, opset: flags.opset, data: flags.data },
      ...{ inputs: flags.input, outputs: flags.output, tolerance: flags.tolerance },
    };
    const report = await exportModel(request, {
      ...work,
      executable: flags.python,
      script: INSTALLED.script,
      candidatePath: INSTALLED.candidate,
      now: () => new Date(),
    });
    process.stdout.write(flags.json ? `${JSON.stringify(report)}\n` : asText(report));
    if (report.refused !== undefined) process.exitCode = EXIT.failedVerdict;
  });
}

function tolerance(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value < 1) return value;
  throw new UsageError(`--tolerance is '${text}', expected a number from 0 to below 1`);
}
