import type { Option } from '../../lib/plan/frontier';
import { counted } from '../../lib/spec/counted';
import { amount } from '../report/figure-line';
import { linePlot, type Point } from '../report/line-plot';
import { number } from '../report/numbers';
import { COLOURS, escapeHtml, htmlTable, page } from '../report/page';
import { money } from './money';
import { type BillReport, int8Text, type PlanReport, type PoolReport, threadsText } from './report';

/** The plan as one page that needs nothing else: pools, bill, and cost against latency as a plot. */
export function asHtml(report: PlanReport): string {
  const { spec, tier, region, growth, currency, today, grown, warnings, figures, priceSources } = report;
  return page(
    `Plan of ${spec}`,
    `<p>Tier ${escapeHtml(tier)}, ${number(today.requests / 1e6)} million requests a month today, prices of ${escapeHtml(region)}.</p>
${warnings.map((warning) => `<p class="bad">Warning: ${escapeHtml(warning)}</p>`).join('\n')}
<p class="verdict">${money(today.monthly)} ${escapeHtml(currency)} a month today, ${money(grown.monthly)} at ${number(growth)} times the traffic.</p>
${report.pools.map((pool) => poolSection(pool, growth)).join('\n')}
<h2>A month</h2>
${billTable(today, grown, growth)}
<h2>Numbers and where they come from</h2>
${htmlTable(
  ['source', 'what', 'value', ''],
  figures.map(({ source, name, value, unit, detail }) => ({
    cells: [source, name, amount({ value, unit }), detail],
    className: source === 'assumed' ? source : '',
  })),
)}
<h2>Prices</h2>
${htmlTable(
  ['source', 'items'],
  priceSources.map(({ source, items }) => ({ cells: [source, items.join(', ')] })),
)}`,
  );
}

function poolSection(pool: PoolReport, growth: number): string {
  const { name, size, capacityQps, measured, minReplicas, maxReplicas, cpuUtilization, sloP95Ms, options } = pool;
  const loads = [pool.today, pool.grown].map(({ peakQps, replicas, nodes, p95Ms, monthly }, i) => ({
    cells: [
      i === 0 ? 'today' : `× ${number(growth)}`,
      number(peakQps),
      String(replicas),
      `${nodes} × ${pool.instanceType}`,
      p95Ms === undefined ? '' : number(p95Ms),
      money(monthly),
    ],
  }));
  return `<h2>${escapeHtml(name)}</h2>
<p>A replica of ${counted(size.cpuMillicores / 1000, 'core')} and ${size.memoryMib} MiB, ${threadsText(pool)} threads, answers ${number(capacityQps)} requests/s within its SLO${sloP95Ms === undefined ? '' : ` of ${number(sloP95Ms)} ms`} (${measured ? 'measured' : 'assumed'}); ${minReplicas} to ${maxReplicas} of them, more above ${cpuUtilization} % CPU.</p>
${htmlTable(['', 'peak requests/s', 'replicas', 'nodes', 'p95 ms', 'nodes a month'], loads)}
${options.length === 0 ? '' : `${frontierPlot(options, sloP95Ms)}\n<p>${escapeHtml(int8Text(pool) ?? '')}</p>`}`;
}

/** p95 over cost: what is at the left costs least, what is at the bottom is fastest. */
function frontierPlot(options: readonly Option[], sloMs: number | undefined): string {
  const held = options.filter(({ holds }) => holds);
  const points = (of: readonly Option[], labelled: boolean): Point[] =>
    of.map(({ monthly, p95Ms, name }) => ({ x: monthly, y: p95Ms, ...(labelled ? { label: name } : {}) }));
  const others = held.filter(({ best }) => !best);
  return linePlot({
    name: 'p95 ms over cost a month',
    curves: [
      {
        name: 'CPU',
        colour: COLOURS.blue,
        style: 'dots',
        points: points(
          others.filter(({ gpu }) => gpu === undefined),
          false,
        ),
      },
      {
        name: 'GPU',
        colour: COLOURS.purple,
        style: 'dots',
        points: points(
          others.filter(({ gpu }) => gpu !== undefined),
          false,
        ),
      },
      {
        name: 'no other is cheaper and faster',
        colour: COLOURS.green,
        style: 'dots',
        points: points(
          held.filter(({ best }) => best),
          true,
        ),
      },
    ],
    formatX: number,
    // GPUs cost many times what CPUs do; side by side on a straight axis the CPUs would be one dot.
    axis: 'log',
    limit: sloMs === undefined ? undefined : { value: sloMs, name: `SLO ${number(sloMs)} ms` },
  });
}

function billTable(today: BillReport, grown: BillReport, growth: number): string {
  const rows = today.items.map(({ name, unitPrice, unit, monthly, priceDate }, i) => ({
    cells: [
      grown.items[i]?.name ?? name,
      `${unitPrice} per ${unit}`,
      priceDate,
      money(monthly),
      money(grown.items[i]?.monthly ?? 0),
    ],
  }));
  const all = { cells: ['all', '', '', money(today.monthly), money(grown.monthly)] };
  return htmlTable(['what', 'price', 'of', 'today', `× ${number(growth)}`], [...rows, all]);
}
