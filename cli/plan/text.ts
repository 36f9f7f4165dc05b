import type { Option } from '../../lib/plan/frontier';
import { FRONT_DOOR_NAMES } from '../../lib/plan/platform-cost';
import { figureLine } from '../report/figure-line';
import { number, numberColumn, rowsOf } from '../report/numbers';
import { type Column, textTable } from '../report/text-table';
import { money } from './money';
import { type BillReport, int8Text, type PlanReport, type PoolReport, threadsText } from './report';

const right = (head: string): Column => ({ head, align: 'right' });

/**
 * The plan for a terminal: sizes, counts, the bill, and where each number comes from.
 * @param lineColumns characters of its lines; undefined: as many as it takes
 */
export function asText(report: PlanReport, lineColumns?: number): string {
  const { spec, tier, region, onAws, growth, today, grown, figures, priceSources, warnings } = report;
  const priced = onAws ? `in ${region}` : `priced as on AWS in ${region}, which the spec does not name`;
  return [
    `${spec}: tier ${tier}, ${number(today.requests / 1e6)} million requests a month today, ${number(growth)} times that planned for, ${priced}`,
    ...warnings.map((warning) => `warning: ${warning}`),
    '',
    ...textTable(POOL_COLUMNS, poolRows(report.pools), lineColumns),
    '',
    ...textTable(LOAD_COLUMNS, loadRows(report.pools), lineColumns),
    '',
    cacheLine(report),
    '',
    ...billLines(report, today, grown),
    ...frontDoorLines(report),
    ...report.pools.flatMap(optionLines),
    '',
    'Numbers and where they come from:',
    ...figures.map((figure) => `  ${figureLine(figure)}`),
    'Prices were read here:',
    ...priceSources.map(({ source, items }) => `  ${source} (${items.join(', ')})`),
    '',
  ].join('\n');
}

const POOL_COLUMNS = [
  'pool',
  'from',
  right('CPU'),
  right('MiB'),
  right('threads'),
  right('requests/s at SLO'),
  right('HPA'),
  right('CPU %'),
];

function poolRows(pools: readonly PoolReport[]): string[][] {
  return rowsOf([
    pools.map(({ name }) => name),
    pools.map(({ measured }) => (measured ? 'measured' : 'assumed')),
    numberColumn(pools.map(({ size }) => size.cpuMillicores / 1000)),
    pools.map(({ size }) => String(size.memoryMib)),
    pools.map(threadsText),
    numberColumn(pools.map(({ capacityQps }) => capacityQps)),
    pools.map(({ minReplicas, maxReplicas }) => `${minReplicas}-${maxReplicas}`),
    pools.map(({ cpuUtilization }) => String(cpuUtilization)),
  ]);
}

const LOAD_COLUMNS = [
  'pool',
  right('peak requests/s'),
  right('replicas'),
  'nodes',
  right('p95 ms'),
  right('SLO ms'),
  right('nodes a month'),
];

function loadRows(pools: readonly PoolReport[]): string[][] {
  const loads = pools.flatMap((pool) => [pool.today, pool.grown].map((load) => ({ ...load, pool })));
  return rowsOf([
    loads.map(({ pool }) => pool.name),
    numberColumn(loads.map(({ peakQps }) => peakQps)),
    loads.map(({ replicas }) => String(replicas)),
    loads.map(({ nodes, pool }) => `${nodes} × ${pool.instanceType}`),
    numberColumn(loads.map(({ p95Ms }) => p95Ms)),
    numberColumn(loads.map(({ pool }) => pool.sloP95Ms)),
    loads.map(({ monthly }) => money(monthly)),
  ]);
}

function cacheLine({ cache, onAws }: PlanReport): string {
  const { hitRatio, memoryMib } = cache;
  const where = onAws ? '' : ' in the shared cache';
  return `cache: ${number(hitRatio * 100)} % of requests expected to be hits, ${number(memoryMib)} MiB of rows${where}; replicas are counted without it`;
}

function billLines({ currency, growth }: PlanReport, today: BillReport, grown: BillReport): string[] {
  const columns = [`${currency} a month`, right('price'), 'per', right('today'), right(`× ${number(growth)}`)];
  const rows = today.items.map(({ name, unitPrice, unit, monthly }, i) => [
    grown.items[i]?.name ?? name,
    String(unitPrice),
    unit,
    money(monthly),
    money(grown.items[i]?.monthly ?? 0),
  ]);
  return textTable(columns, [...rows, ['all', '', '', money(today.monthly), money(grown.monthly)]]);
}

const OPTION_COLUMNS = ['', right('a month'), right('p95 ms'), right('replicas'), 'models'];

/** The ways that no other beats, the one that is planned, and the cheapest with and without a GPU. */
function optionLines(pool: PoolReport): string[] {
  const { name, options, instanceType } = pool;
  const int8 = int8Text(pool);
  if (options.length === 0) return [];
  const shown = shownOptions(options, instanceType);
  const rows = rowsOf([
    shown.map(({ name: option, best }) => `  ${best ? '*' : ' '} ${option}`),
    shown.map(({ monthly }) => money(monthly)),
    numberColumn(shown.map(({ p95Ms }) => p95Ms)),
    shown.map(({ replicas }) => String(replicas)),
    shown.map(({ source }) => source),
  ]);
  return [
    '',
    `${name}, cost against latency at today's peak (* no other is both cheaper and faster; ${options.length} ways looked at):`,
    ...textTable(OPTION_COLUMNS, rows),
    gpuLine(options),
    ...(int8 === undefined ? [] : [`  ${int8}`]),
  ];
}

function shownOptions(options: readonly Option[], planned: string): Option[] {
  const held = options.filter(({ holds }) => holds);
  const cheapest = [held.find(({ gpu }) => gpu === undefined), held.find(({ gpu }) => gpu !== undefined)];
  return options.filter((option) => option.best || cheapest.includes(option) || isPlain(option, planned));
}

/** Whether an option is the pool as planned. */
function isPlain({ instanceType, cache, int8, batch }: Option, planned: string): boolean {
  return instanceType === planned && !cache && !int8 && batch;
}

/** Whether a GPU is worth its price. */
function gpuLine(options: readonly Option[]): string {
  const held = options.filter(({ holds }) => holds);
  const cpu = held.find(({ gpu }) => gpu === undefined);
  const gpu = held.find((option) => option.gpu !== undefined);
  if (gpu === undefined) return '  GPU: no, none that the price list has holds the SLO';
  if (cpu === undefined) return `  GPU: yes, no CPU holds the SLO (${gpu.source})`;
  const verdict = cpu.monthly <= gpu.monthly ? 'no, CPUs hold the SLO for less' : 'yes, it holds the SLO for less';
  const doubt =
    cpu.source === 'assumed' || gpu.source === 'assumed' ? '; measure what is assumed before you decide' : '';
  return `  GPU: ${verdict}: ${money(cpu.monthly)} (${cpu.source}) against ${money(gpu.monthly)} (${gpu.source}) a month${doubt}`;
}

function frontDoorLines({ frontDoor, growth, currency }: PlanReport): string[] {
  if (frontDoor === undefined) return [];
  return (
    [
      [1, frontDoor.today],
      [growth, frontDoor.grown],
    ] as const
  ).map(([factor, { deployed, cheapest, monthly }]) => {
    const costs = `API gateway ${money(monthly['api-gateway'])}, CloudFront ${money(monthly.cloudfront)} ${currency} a month`;
    const verdict =
      deployed === cheapest
        ? `the tier deploys the cheaper, ${FRONT_DOOR_NAMES[deployed]}`
        : `the tier deploys ${FRONT_DOOR_NAMES[deployed]}, for keys and quotas of each consumer; ${FRONT_DOOR_NAMES[cheapest]} costs less`;
    return `front door at × ${number(factor)}: ${costs}: ${verdict}`;
  });
}
