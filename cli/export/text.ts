import { relative } from 'node:path';
import { describeBatching, describeSignature } from '../init/model-facts';
import { type Column, textTable } from '../report/text-table';
import type { ExportReport } from './export';

/** The report for a terminal. */
export function asText(report: ExportReport): string {
  const { model, source, framework, kind, tools, signature, opset, check, refused, written, note, next } = report;
  const versions = Object.entries(tools).map(([name, version]) => `${name} ${version}`);
  return [
    ...(framework === undefined ? [] : [`${model}: ${kind} of ${framework}, opset ${opset}`]),
    ...(versions.length === 0 ? [] : [`  ${versions.join(', ')}`]),
    ...(signature === undefined ? [] : [...describeSignature(signature), `  ${describeBatching(signature)}`]),
    ...(check === undefined ? [] : ['', ...describeCheck(check)]),
    '',
    ...(refused === undefined
      ? written.map((path) => `wrote ${relative('', path)}`)
      : [`not exported: ${source}: ${refused}; nothing was written`]),
    ...(note === undefined ? [] : [note]),
    ...(next === undefined ? [] : ['', `next: ${next}`]),
    '',
  ].join('\n');
}

function describeCheck(check: NonNullable<ExportReport['check']>): string[] {
  const { givenRows, randomRows, tiedRows, tolerance, outputs } = check;
  const rows = `${givenRows === 0 ? '' : `${givenRows} given and `}${randomRows} random rows`;
  const table = textTable(
    ['output', right('largest difference'), right('rows that differ')],
    outputs.map(({ name, largestDifference, differingRows }) => [
      name,
      largestDifference === 0 ? '0' : largestDifference.toPrecision(2),
      String(differingRows),
    ]),
  );
  const ties =
    tiedRows === 0 ? [] : [`${tiedRows} rows have two best scores that are equal: their labels do not count`];
  return [`against the original, on ${rows}, tolerance ${tolerance}:`, ...table, ...ties];
}

function right(head: string): Column {
  return { head, align: 'right' };
}
