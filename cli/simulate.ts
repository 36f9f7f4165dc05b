import { Command, Option } from 'commander';
import { readProfiles, readWrittenPlan } from '../lib/plan/read-inputs';
import { simulateSpec } from '../lib/plan/simulate/outcome';
import { loadRecording } from '../lib/plan/simulate/recording';
import { replay } from '../lib/plan/simulate/replay';
import { loadTrace } from '../lib/plan/simulate/trace';
import { SHAPES, type Shape, shapedTraffic, type Traffic, tracedTraffic } from '../lib/plan/simulate/traffic';
import { loadSpec } from '../lib/spec/load';
import { EXIT, UsageError } from './errors';
import { GROWTH, numberOption, POSITIVE, SHARE } from './number-option';
import { requireWritable, writeReport } from './report/store';
import { asHtml } from './simulate/html';
import { reportOf } from './simulate/report';
import { asText } from './simulate/text';
import { planAgain } from './spec-command';

const EXAMPLES = `
Examples:
  $ headroom simulate --shape flash                         today's peak as a flash crowd
  $ headroom simulate --shape diurnal --growth 10           a day at ten times today's peak
  $ headroom simulate --trace friday.csv --html report.html a recorded day: time and requests/s a line
  $ headroom simulate --replay recording.json --json        what the HPA decides in the scenario of a recording

Exit code 1 if a pool misses its SLO or loses requests.`;

interface Flags {
  readonly spec: string;
  readonly shape?: Shape;
  readonly trace?: string;
  readonly growth?: number;
  readonly cacheHitRatio?: number;
  readonly replicaUsdPerHour?: number;
  readonly html?: string;
  readonly out?: string;
  readonly replay?: string;
  readonly json?: true;
}

/** `headroom simulate`: whether a plan holds under a traffic, before the traffic comes. */
export function simulateCommand(): Command {
  return new Command('simulate')
    .description('simulate traffic against the plan: replicas, latency and lost requests over time')
    .option('--spec <file>', 'the spec', 'headroom.yaml')
    .addOption(new Option('--shape <name>', 'traffic with the peak of the spec').choices(SHAPES))
    .option('--trace <file>', 'traffic as CSV: a time (seconds or ISO 8601) and requests/s a line, evenly spaced')
    .addOption(numberOption('--growth <factor>', "factor on today's peak, or on the trace; default 1", GROWTH))
    .addOption(numberOption('--cache-hit-ratio <share>', 'share of requests the cache answers, 0 to 1', SHARE))
    .addOption(numberOption('--replica-usd-per-hour <price>', 'price of a replica, for the cost', POSITIVE))
    .option('--html <file>', 'also write the report as one page with plots')
    .option('--out <file>', 'also write the report as JSON, for the checklist: reports/simulate.json')
    .option('--replay <file>', 'scenario and HPA of a recorded controller, in place of a spec and a shape')
    .option('--json', 'print the result as one line of JSON')
    .addHelpText('after', EXAMPLES)
    .action((flags: Flags) => {
      if (flags.replay !== undefined) replayRecording(flags.replay, flags);
      else simulate(flags);
    });
}

function simulate(flags: Flags): void {
  const { growth = 1, cacheHitRatio, replicaUsdPerHour: usdPerReplicaHour } = flags;
  if ((flags.shape === undefined) === (flags.trace === undefined)) {
    throw new UsageError(`expected one of --shape (${SHAPES.join(', ')}), --trace FILE and --replay FILE`);
  }
  if (flags.html !== undefined) requireWritable('--html', flags.html);
  if (flags.out !== undefined) requireWritable('--out', flags.out);
  const spec = loadSpec(flags.spec);
  const traffic = trafficOf(flags, spec.peakQps);
  const { profiles, warnings } = readProfiles(spec);
  const found = readWrittenPlan(spec);
  const inputs = { profiles, plan: found.plan, warnings: [...warnings, ...found.warnings] };
  const outcome = simulateSpec(spec, traffic, { growth, cacheHitRatio, usdPerReplicaHour }, inputs);
  const report = reportOf(outcome, found.plan && planAgain(flags.spec, spec.growth, found.plan));
  if (flags.html !== undefined) writeReport('--html', flags.html, asHtml(report));
  if (flags.out !== undefined) {
    const dated = { report: 'simulate', at: new Date().toISOString(), ...report };
    writeReport('--out', flags.out, `${JSON.stringify(dated)}\n`);
  }
  process.stdout.write(flags.json ? `${JSON.stringify(report)}\n` : asText(report, process.stdout.columns));
  if (!report.holds) process.exitCode = EXIT.failedVerdict;
}

function trafficOf({ shape, trace }: Flags, peakQps: number): Traffic {
  if (trace !== undefined) return tracedTraffic(loadTrace(trace), peakQps);
  return shapedTraffic(shape ?? 'diurnal');
}

function replayRecording(file: string, flags: Flags): void {
  const { shape, trace, growth, cacheHitRatio, replicaUsdPerHour, html, out, json } = flags;
  const others = {
    '--shape': shape,
    '--trace': trace,
    '--growth': growth,
    '--cache-hit-ratio': cacheHitRatio,
    '--replica-usd-per-hour': replicaUsdPerHour,
    '--html': html,
    '--out': out,
  };
  const [other] = Object.entries(others).find(([, value]) => value !== undefined) ?? [];
  if (other !== undefined) {
    throw new UsageError(
      `--replay takes its traffic from the recording and prints replicas only, so ${other} cannot be given with it`,
    );
  }
  const samples = replay(loadRecording(file));
  process.stdout.write(json ? `${JSON.stringify({ samples })}\n` : describeChanges(samples));
}

function describeChanges(samples: readonly { t: number; spec: number }[]): string {
  const changes = samples.filter(({ spec }, i) => spec !== samples[i - 1]?.spec);
  return changes.map(({ t, spec }) => `${String(t).padStart(6)} s  ${spec} replicas\n`).join('');
}
