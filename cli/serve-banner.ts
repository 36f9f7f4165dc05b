import { relative } from 'node:path';
import { PATHS } from '../lib/contract';
import type { ServiceDescription } from '../service/description';
import { curlCommand } from '../service/model/example';

export interface Announcement extends ServiceDescription {
  /** Milliseconds from the start of the process until every model was loaded. */
  readonly readyMs: number;
}

/**
 * What `headroom serve` prints once it is ready: the models, the addresses, and a request to each model that works as
 * printed.
 *
 * @param directory the working directory of whoever reads it; paths are printed relative to it
 */
export function announce({ httpUrl, adminUrl, models, unavailable, readyMs }: Announcement, directory: string): string {
  const lines = [`Headroom serves ${count(models.length, 'model')} (ready in ${(readyMs / 1000).toFixed(2)} s)`, ''];
  const width = Math.max(0, ...models.map(({ name }) => name.length));
  for (const { name, version, executor, maxBatchRows, slo } of models) {
    const batches = maxBatchRows > 1 ? `batches of up to ${maxBatchRows}` : 'no batches';
    const target = slo === undefined ? '' : `, p95 target ${slo.p95Ms} ms`;
    lines.push(`  ${name.padEnd(width)}  version ${version}, ${executor}, ${batches}${target}`);
  }
  for (const { name, version, reason } of unavailable) {
    // Of a remote model that could not be looked at, no version is known.
    const what = version === '' ? '' : `version ${version} `;
    lines.push(`  ${name.padEnd(width)}  ${what}is not served:${onLines(reason)}`);
  }
  lines.push('', `  inference       ${httpUrl}`, `  documentation   ${adminUrl}${PATHS.docs}`);
  lines.push(`  metrics         ${adminUrl}${PATHS.metrics}`, '');
  const examples = models.flatMap(({ example }) => example ?? []);
  if (examples.length > 0) lines.push('Try it:', '');
  for (const example of examples) {
    const near = 'imagePath' in example ? { ...example, imagePath: relative(directory, example.imagePath) } : example;
    lines.push(`  ${curlCommand(`${httpUrl}${example.path}`, near)}`, '');
  }
  return `${lines.join('\n')}\n`;
}

/** Several mistakes in a file, such as `m/model.yaml:3:5: …; m/model.yaml:7:1: …`, on a line each. */
function onLines(reason: string): string {
  const mistakes = reason.split(/; (?=\S+:\d+:\d+: )/);
  return mistakes.length === 1 ? ` ${reason}` : mistakes.map((mistake) => `\n    ${mistake}`).join('');
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
