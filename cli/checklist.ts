import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { newestDigest } from '../lib/plan/artifact';
import { madeFrom } from '../lib/plan/provenance';
import { readWrittenPlan } from '../lib/plan/read-inputs';
import { loadSpec } from '../lib/spec/load';
import { checklist } from './checklist/checklist';
import { checklistHtml, checklistText } from './checklist/forms';
import { readManifests } from './checklist/manifests';
import { readReports } from './checklist/reports';
import { EXIT } from './errors';
import { numberOption, POSITIVE } from './number-option';
import { REPORTS_FOLDER, requireWritable, writeReport } from './report/store';

const EXAMPLES = `
Examples:
  $ headroom checklist                        what is proven of the nine points, and what would prove the rest
  $ headroom checklist --html checklist.html

Evidence is what load, simulate and optimize have written into the folder of reports, and the manifests that synth wrote.
Exit code 1 if a point fails.`;

interface Flags {
  readonly spec: string;
  readonly reports: string;
  readonly manifests: string;
  readonly maxAgeDays: number;
  readonly html?: string;
  readonly json?: true;
}

/** `headroom checklist`: what is known of the readiness of a system, with the evidence. */
export function checklistCommand(): Command {
  return new Command('checklist')
    .description('nine points of readiness for production: pass, fail or unknown, each with its evidence')
    .option('--spec <file>', 'the spec', 'headroom.yaml')
    .option('--reports <folder>', 'reports of load, simulate and optimize', REPORTS_FOLDER)
    .option('--manifests <folder>', 'what npx cdk8s synth wrote', 'dist')
    .addOption(numberOption('--max-age-days <days>', 'older evidence proves nothing', POSITIVE).default(30))
    .option('--html <file>', 'also write it as one page')
    .option('--json', 'print it as one line of JSON')
    .addHelpText('after', EXAMPLES)
    .action(({ spec: specFile, reports, manifests, maxAgeDays, html, json }: Flags) => {
      if (html !== undefined) requireWritable('--html', html);
      const spec = loadSpec(specFile);
      const result = checklist({
        spec,
        specFile,
        plan: readWrittenPlan(spec).plan,
        reports: readReports(reports),
        reportsFolder: reports,
        manifests: readManifests(manifests),
        manifestsFolder: manifests,
        checkout: existsSync('cdk8s.yaml') ? undefined : join(__dirname, '..'),
        digestOf: ({ folder }) => (folder === undefined ? undefined : newestDigest(folder)),
        originOf: ({ folder }) => {
          const digest = folder === undefined ? undefined : newestDigest(folder);
          return folder === undefined || digest === undefined ? undefined : madeFrom(folder, digest);
        },
        nowMs: Date.now(),
        maxAgeDays,
      });
      if (html !== undefined) writeReport('--html', html, checklistHtml(result));
      process.stdout.write(json ? `${JSON.stringify(result)}\n` : checklistText(result));
      if (result.state === 'fail') process.exitCode = EXIT.failedVerdict;
    });
}
