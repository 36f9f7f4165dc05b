import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Command } from 'commander';
import { redisDesign, TIER_DESIGNS } from '../lib/aws/tier-design';
import { unreadable } from '../lib/plan/errors';
import { readInt8 } from '../lib/plan/int8';
import { DEFAULT_REGION, makePlan, type Plan } from '../lib/plan/plan';
import { type Prices, parsePrices } from '../lib/plan/prices';
import listPrices from '../lib/plan/prices/aws.json';
import { readProfiles, specSha256 } from '../lib/plan/read-inputs';
import type { RedisDesign } from '../lib/plan/redis-design';
import { PLAN_FILE, writtenPlan } from '../lib/plan/written-plan';
import { loadSpec, type Spec } from '../lib/spec/load';
import { GROWTH, numberOption, SHARE } from './number-option';
import { asHtml } from './plan/html';
import { reportOf } from './plan/report';
import { asText } from './plan/text';
import { REPORTS_FOLDER, requireWritable, writeReport } from './report/store';
import { specFlag } from './spec-command';

const EXAMPLES = `
Examples:
  $ headroom plan                              sizes, replicas, nodes and the monthly bill of headroom.yaml
  $ headroom plan --growth 3 --write           for three times today's peak; charts and stacks take it from then on
  $ headroom plan --prices prices.json --json  with prices of your own
  $ headroom plan --html plan.html             also as one page, with cost against latency as a plot

Profiles are taken from profiles/ beside the spec ('headroom load --find-capacity' measures them); what was not measured
is assumed, and every number says which.`;

interface Flags {
  readonly spec: string;
  readonly growth?: number;
  readonly prices?: string;
  readonly reports: string;
  readonly cacheHitRatio?: number;
  readonly write?: true;
  readonly html?: string;
  readonly json?: true;
}

/** `headroom plan`: what a spec needs and what it costs, from what was measured. */
export function planCommand(): Command {
  return new Command('plan')
    .description('size replicas, counts, nodes and cache for the SLO, and add up the monthly bill')
    .option('--spec <file>', 'the spec', 'headroom.yaml')
    .addOption(numberOption('--growth <factor>', "factor on today's peak; default: growth of the spec", GROWTH))
    .option('--prices <file>', 'prices as JSON, in place of the dated list that comes with headroom')
    .addOption(numberOption('--cache-hit-ratio <share>', 'share of requests the cache answers, 0 to 1', SHARE))
    .option('--reports <folder>', 'where reports of headroom optimize lie, for INT8', REPORTS_FOLDER)
    .option('--write', `write ${PLAN_FILE} beside the spec, which cdk8s synth, cdk synth and headroom simulate take`)
    .option('--html <file>', 'also write the plan as one page with plots')
    .option('--json', 'print the plan as one line of JSON')
    .addHelpText('after', EXAMPLES)
    .action(plan);
}

function plan(flags: Flags): void {
  if (flags.html !== undefined) requireWritable('--html', flags.html);
  const spec = loadSpec(flags.spec);
  const { profiles, settings, warnings } = readProfiles(spec);
  const int8 = readInt8(spec, flags.reports);
  const growth = flags.growth ?? spec.growth;
  const redis = redisDesign({ ...spec, growth });
  const made = makePlan(spec, {
    int8: int8.measured,
    profiles,
    settings,
    prices: readPrices(flags.prices, spec.aws?.region ?? DEFAULT_REGION),
    growth,
    shape: { ...TIER_DESIGNS[spec.tier.name], redis },
    cacheHitRatio: flags.cacheHitRatio,
  });
  const report = reportOf({ ...made, figures: [...made.figures, ...int8.figures] }, [
    ...warnings,
    ...int8.warnings,
    ...made.warnings,
  ]);
  if (flags.html !== undefined) writeReport('--html', flags.html, asHtml(report));
  process.stdout.write(
    flags.json ? `${JSON.stringify(report)}\n` : `${asText(report, process.stdout.columns)}\n${nextStep(flags.spec)}\n`,
  );
  if (flags.write) write(spec, made, redis);
}

/** What a plan cannot tell, and the command that does. */
function nextStep(specFile: string): string {
  return `Sized for a peak that comes in minutes. Whether a sudden one holds: headroom simulate --shape flash${specFlag(specFile)}`;
}

function readPrices(file: string | undefined, region: string): Prices {
  if (file === undefined) return parsePrices(JSON.stringify(listPrices), 'the list that comes with headroom', region);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw unreadable('prices', file, error);
  }
  return parsePrices(text, file, region);
}

function write(spec: Spec, made: Plan, redis: RedisDesign | undefined): void {
  const stamp = { specSha256: specSha256(spec), writtenAt: new Date().toISOString(), redis };
  const file = join(dirname(spec.source.file), PLAN_FILE);
  writeReport('--write', file, `${JSON.stringify(writtenPlan(made, stamp), null, 2)}\n`);
  process.stderr.write(`wrote ${file}\n`);
}
