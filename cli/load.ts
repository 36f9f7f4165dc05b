import { join } from 'node:path';
import { Command, Option } from 'commander';
import { EXIT, UsageError } from './errors';
import { interruptible } from './interrupts';
import type { OpenOnCores } from './load/capacity/core-scaling';
import { capacityHtml } from './load/capacity/html';
import { searchProgress } from './load/capacity/progress';
import { runCapacity } from './load/capacity/run-capacity';
import { capacityText } from './load/capacity/text';
import { DEFAULT_STEP_SECONDS } from './load/capacity/trials';
import { checkFlags } from './load/check-flags';
import { compareReports, comparisonText } from './load/compare';
import type { LoadFlags } from './load/flags';
import { asHtml } from './load/html';
import { showProgress } from './load/progress';
import { runLoad } from './load/run-load';
import { ARRIVALS } from './load/schedule/arrivals';
import { startPacer } from './load/schedule/pacer';
import { seeded } from './load/schedule/random';
import { MAX_QPS, type Traffic, trafficOf } from './load/schedule/traffic';
import type { Setting } from './load/setting';
import { openDestination } from './load/targets/destination';
import { asText } from './load/text';
import { answeredNone } from './load/words';
import { numberOption, POSITIVE, type Range, wholeNumber } from './number-option';
import { reportFile, writeReport } from './report/store';
import { ADMINISTRATION, addressOption } from './service-address';

const EXAMPLES = `
Examples:
  $ headroom load --local --rate 500 --slo                         the models of headroom.yaml in their proportions
  $ headroom load http://127.0.0.1:8000 --model fraud-detection    one model of a running service
  $ headroom load --local --steps 100,200,400,800 --duration 40    ten seconds each
  $ headroom load --local --trace friday.csv                       recorded traffic: time and requests/s a line
  $ headroom load --local --find-capacity                          and write profiles/<model>.json for headroom plan
  $ headroom load compare before.json after.json
  $ headroom load --local --rate 500 --keys 10000 --zipf 1.1       hot inputs, as caches see them

Latency counts from the time at which a request was due, whether or not the one before was answered.
Exit code 1 if the SLO does not hold.`;

const NOT_NEGATIVE: Range = { allows: (value) => value >= 0, words: 'a number of 0 or more' };
/** A slip of the finger in a rate or a duration should not load a service for days. */
const UP_TO_A_DAY: Range = { allows: (value) => value > 0 && value <= 86_400, words: 'seconds above 0, at most 86400' };
const WARM_UP: Range = { allows: (value) => value >= 0 && value <= 3600, words: 'seconds from 0 to 3600' };
const RATE: Range = {
  allows: (value) => value > 0 && value <= MAX_QPS,
  words: `requests/s above 0, at most ${MAX_QPS}`,
};

/** `headroom load`: open-loop load on a service, and how it fared. */
export function loadCommand(): Command {
  const command = new Command('load')
    // Before the subcommand, which inherits it.
    .exitOverride()
    .description('load a service with requests at given rates, and tell latency, losses and whether the SLO holds')
    .argument('[url]', 'the inference port of a service, one of its models, or any other URL')
    .option('--local', 'start the service itself, on the models of the spec')
    .option('--spec <file>', 'the spec: SLOs, examples and the proportions of the models (default: headroom.yaml)')
    .option('--model <name>', 'only this model; may be given again', collect)
    .option('--body <file>', 'body to send in place of the example; {{key}} in it becomes a number')
    .addOption(numberOption('--rows <n>', 'rows a request', wholeNumber(1, 1024)).default(1))
    .option('--header <line>', "further header, as 'x-api-key: …'; may be given again", collectHeader, [])
    .option('--gzip', 'send bodies compressed, and let answers be')
    .addOption(numberOption('--rate <qps>', 'requests/s, default 100', RATE))
    .addOption(numberOption('--duration <seconds>', 'how long, default 30', UP_TO_A_DAY))
    .addOption(numberOption('--ramp-to <qps>', 'rate at the end, reached evenly', RATE))
    .option('--steps <rates>', 'rates one after the other, as 100,200,400')
    .option('--trace <file>', 'rates as CSV: a time (seconds or ISO 8601) and requests/s a line, evenly spaced')
    .addOption(
      new Option('--arrivals <kind>', 'as many callers come, or evenly spaced').choices(ARRIVALS).default('poisson'),
    )
    .addOption(numberOption('--keys <n>', 'different inputs; default: every request another', wholeNumber(1, 1e12)))
    .addOption(
      numberOption('--zipf <exponent>', 'how hot the hottest inputs are; 0: all alike, default 0.99', NOT_NEGATIVE),
    )
    .addOption(numberOption('--seed <n>', 'of all that is random', wholeNumber(0, 2 ** 31)).default(1))
    .addOption(numberOption('--warm-up <seconds>', 'load before it that is not counted', WARM_UP).default(2))
    .addOption(numberOption('--timeout-ms <ms>', 'after which a request has failed', POSITIVE).default(10_000))
    .addOption(numberOption('--connections <n>', 'open at the same time, at most', wholeNumber(1, 10_000)).default(512))
    .option('--slo [targets]', 'verdict: those of the spec, or as p95=100ms,p99=250ms,lost=0.1%')
    .addOption(addressOption(ADMINISTRATION, ', for its CPU and memory'))
    .option('--out <file>', 'where the report goes (default: reports/load-TIME.json)')
    .option('--html <file>', 'also write the report as one page with plots')
    .option('--json', 'print the report as one line of JSON')
    .option('--find-capacity', 'find the highest rate at which the SLO holds; writes profiles/<model>.json')
    .addOption(numberOption('--max-rate <qps>', 'not to be exceeded while finding it', RATE))
    .addOption(
      numberOption('--step-seconds <s>', `how long each rate is tried, default ${DEFAULT_STEP_SECONDS}`, POSITIVE),
    )
    .addOption(
      new Option(
        '--cores <counts>',
        'also with --local bound to so many cores, default 1,2,4… below all; none: do not',
      ).argParser(coreCounts),
    )
    .addHelpText('after', EXAMPLES)
    .action(load);
  command
    .command('compare')
    .description('set two reports side by side')
    .argument('<before>', 'a report of headroom load')
    .argument('<after>', 'another one')
    .option('--json', 'print the comparison as one line of JSON')
    .action((before: string, after: string, { json }: { json?: true }) => {
      const comparison = compareReports(before, after);
      process.stdout.write(json ? `${JSON.stringify(comparison)}\n` : comparisonText(comparison));
    });
  return command;
}

async function load(url: string | undefined, flags: LoadFlags): Promise<void> {
  checkFlags(url, flags);
  const traffic = trafficOf(flags);
  await interruptible(
    () => 'interrupted before there was a result',
    (signal) => loadDestination(url, flags, traffic, signal),
  );
}

async function loadDestination(
  url: string | undefined,
  flags: LoadFlags,
  traffic: Traffic,
  signal: AbortSignal,
): Promise<void> {
  // Beside the bundle and above it, whether it runs from a checkout or from an installed package.
  const installed = {
    program: join(__dirname, 'headroom.js'),
    bundledSpec: join(__dirname, '..', 'headroom.yaml'),
  };
  const destination = await openDestination(url, flags, installed, signal);
  try {
    const setting: Setting = {
      destination,
      flags,
      random: seeded(flags.seed),
      startedMs: Date.now(),
      startPacer: (onTime) => startPacer(join(__dirname, 'pacer-thread.js'), onTime),
      signal,
    };
    const openOnCores = (cores: number) => openDestination(url, flags, installed, signal, cores);
    await (flags.findCapacity ? capacity(setting, openOnCores) : loadOnce(setting, traffic));
  } finally {
    await destination.close();
  }
}

async function loadOnce(setting: Setting, traffic: Traffic): Promise<void> {
  const { flags } = setting;
  const progress = showProgress(process.stderr);
  const report = await runLoad(setting, traffic, progress.onSecond);
  progress.end();
  deliver(flags, report, asText, asHtml);
  if (report.holds === false || answeredNone(report)) process.exitCode = EXIT.failedVerdict;
}

async function capacity(setting: Setting, openOnCores: OpenOnCores): Promise<void> {
  const { flags } = setting;
  const report = await runCapacity(
    setting,
    searchProgress((line) => process.stderr.write(`${line}\n`)),
    openOnCores,
  );
  deliver(flags, report, capacityText, capacityHtml);
  if (report.models.some(({ capacityQps }) => capacityQps === undefined)) process.exitCode = EXIT.failedVerdict;
}

/** Keeps a report where the checklist finds it, and prints it. */
function deliver<R extends { readonly report: string; readonly at: string }>(
  flags: LoadFlags,
  report: R,
  text: (report: R, lineColumns?: number) => string,
  html: (report: R) => string,
): void {
  const json = `${JSON.stringify(report)}\n`;
  const file = flags.out ?? reportFile(report.report, report.at);
  writeReport('--out', file, json);
  if (flags.html !== undefined) writeReport('--html', flags.html, html(report));
  process.stdout.write(flags.json ? json : `${text(report, process.stdout.columns)}\nreport: ${file}\n`);
}

function coreCounts(text: string): number[] {
  if (text === 'none') return [];
  const counts = text.split(',').map(Number);
  if (counts.every((count) => Number.isInteger(count) && count >= 1)) return [...new Set(counts)];
  throw new UsageError(`--cores is '${text}', expected counts such as 1,2,4, or none`);
}

function collect(value: string, previous: readonly string[] | undefined): string[] {
  return [...(previous ?? []), value];
}

function collectHeader(line: string, previous: readonly string[]): string[] {
  // A line break would begin another header, or the body.
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+:[^\r\n]*$/.test(line)) {
    throw new UsageError(`--header is '${line}', expected a line such as 'x-api-key: secret'`);
  }
  return [...previous, line];
}
