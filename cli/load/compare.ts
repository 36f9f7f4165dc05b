import { readFileSync } from 'node:fs';
import { isObject, keyword } from '../../lib/spec/describe';
import { fileProblem } from '../../lib/spec/file-problem';
import { UsageError } from '../errors';
import { number, numberColumn } from '../report/numbers';
import { textTable } from '../report/text-table';
import { describeMachine, type Machine, sameMachine } from './measure/machine';

/** What is compared of one target. */
interface ComparedTarget {
  readonly name: string;
  readonly digest: string | undefined;
  readonly offeredQps: number;
  readonly answeredQps: number;
  readonly lost: number;
  readonly latencyMs: Readonly<Record<string, number | undefined>>;
  readonly cpuSecondsPerRequest: number | undefined;
}

interface ComparedReport {
  readonly machine: Machine;
  readonly limited: boolean;
  readonly targets: readonly ComparedTarget[];
}

/** One figure in both reports. */
export interface Difference {
  readonly target: string;
  readonly figure: string;
  readonly before: number | undefined;
  readonly after: number | undefined;
  /** after / before; undefined where either is missing or nothing. */
  readonly ratio: number | undefined;
}

/** What `headroom load compare --json` prints. */
export interface Comparison {
  readonly differences: readonly Difference[];
  /** Why the reports do not compare. */
  readonly warnings: readonly string[];
}

/** Compares two reports of `headroom load`. @throws UsageError for a file that is none, or two without a common target */
export function compareReports(beforeFile: string, afterFile: string): Comparison {
  const [before, after] = [readReport(beforeFile), readReport(afterFile)];
  const pairs = before.targets.flatMap((one) => {
    const other = after.targets.find(({ name }) => name === one.name);
    return other === undefined ? [] : [[one, other] as const];
  });
  if (pairs.length === 0) {
    const names = (report: ComparedReport) => report.targets.map(({ name }) => name).join(', ');
    throw new UsageError(`nothing to compare: ${beforeFile} is of ${names(before)}, ${afterFile} of ${names(after)}`);
  }
  return {
    differences: pairs.flatMap(([one, other]) => differencesOf(one, other)),
    warnings: [...warningsOf(before, after), ...pairs.flatMap(([one, other]) => pairWarnings(one, other))],
  };
}

/** A comparison for a terminal. */
export function comparisonText({ differences, warnings }: Comparison): string {
  const right = (head: string) => ({ head, align: 'right' }) as const;
  const rows = differences.map(({ target, figure, before, after, ratio }) => [
    target,
    figure,
    ...numberColumn([before, after]),
    ratio === undefined ? '-' : `× ${number(ratio)}`,
  ]);
  return [
    ...textTable(['', '', right('before'), right('after'), right('ratio')], rows),
    ...warnings.map((warning) => `WARNING: ${warning}`),
    '',
  ].join('\n');
}

function differencesOf(before: ComparedTarget, after: ComparedTarget): Difference[] {
  const figures: [string, (target: ComparedTarget) => number | undefined][] = [
    ['answered requests/s', ({ answeredQps }) => answeredQps],
    ['p50 ms', ({ latencyMs }) => latencyMs.p50],
    ['p95 ms', ({ latencyMs }) => latencyMs.p95],
    ['p99 ms', ({ latencyMs }) => latencyMs.p99],
    ['lost requests', ({ lost }) => lost],
    ['CPU ms a request', ({ cpuSecondsPerRequest }) => cpuSecondsPerRequest && cpuSecondsPerRequest * 1000],
  ];
  return figures.map(([figure, value]) => {
    const [one, other] = [value(before), value(after)];
    return { target: before.name, figure, before: one, after: other, ratio: one && other ? other / one : undefined };
  });
}

function warningsOf(before: ComparedReport, after: ComparedReport): string[] {
  const warnings: string[] = [];
  if (!sameMachine(before.machine, after.machine)) {
    warnings.push(
      `they were measured on different machines: ${describeMachine(before.machine)} and ${describeMachine(after.machine)}`,
    );
  }
  if (before.limited || after.limited) warnings.push('in one of them the load generator was the limit');
  return warnings;
}

/** Latency depends on the rate, so only equal ones compare. */
function pairWarnings(before: ComparedTarget, after: ComparedTarget): string[] {
  const warnings: string[] = [];
  if (Math.abs(before.offeredQps / after.offeredQps - 1) > 0.1) {
    warnings.push(
      `${before.name} was offered ${number(before.offeredQps)} and ${number(after.offeredQps)} requests/s: their latencies do not compare`,
    );
  }
  if (before.digest !== after.digest && before.digest !== undefined && after.digest !== undefined) {
    warnings.push(
      `${before.name} was another artifact: ${before.digest.slice(0, 12)} and ${after.digest.slice(0, 12)}`,
    );
  }
  return warnings;
}

function readReport(file: string): ComparedReport {
  const json = readJson(file);
  const { report, machine, targets, generator, service } = isObject(json) ? json : {};
  if (report !== 'load' || !isObject(machine) || !Array.isArray(targets)) {
    throw new UsageError(`${file} is no report of headroom load, which --out writes`);
  }
  const limits = keyword(generator, 'limits');
  const cpu = targets.length === 1 ? numberOf(keyword(service, 'cpuSecondsPerRequest')) : undefined;
  return {
    machine: {
      cpu: String(machine.cpu),
      cores: Number(machine.cores),
      memoryBytes: Number(machine.memoryBytes),
      node: String(machine.node),
    },
    limited: Array.isArray(limits) && limits.length > 0,
    targets: targets.filter(isObject).map((target) => comparedTarget(target, cpu)),
  };
}

function readJson(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`cannot read the report ${file}: ${fileProblem(error)}`);
  }
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function comparedTarget(target: Record<string, unknown>, cpuSecondsPerRequest: number | undefined): ComparedTarget {
  const latency = isObject(target.latencyMs) ? target.latencyMs : {};
  const count = (name: string) => numberOf(target[name]) ?? 0;
  return {
    name: String(target.name),
    digest: typeof target.digest === 'string' ? target.digest : undefined,
    offeredQps: count('offeredQps'),
    answeredQps: count('answeredQps'),
    lost: count('tooMany') + count('unavailable') + count('failed'),
    latencyMs: Object.fromEntries(Object.entries(latency).map(([name, value]) => [name, numberOf(value)])),
    cpuSecondsPerRequest,
  };
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
