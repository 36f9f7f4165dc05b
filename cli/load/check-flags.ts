import { UsageError } from '../errors';
import { requireWritable } from '../report/store';
import { parseUrl } from '../service-address';
import { readText } from '../service-client';
import type { LoadFlags } from './flags';
import { parseSlo } from './measure/slo';

/**
 * Mistakes that the flags alone show, told before a service is started or asked.
 * @throws UsageError for the first
 */
export function checkFlags(url: string | undefined, flags: LoadFlags): void {
  if ((url === undefined) === (flags.local === undefined)) {
    throw new UsageError('expected either the URL of a service, such as http://127.0.0.1:8000, or --local');
  }
  if (url !== undefined) parseUrl('the URL', url);
  if (flags.local && flags.adminUrl !== undefined) {
    throw new UsageError('--admin-url is for a service that runs already: --local knows where its own is');
  }
  if (typeof flags.slo === 'string') {
    const { percentiles } = parseSlo(flags.slo);
    if (flags.findCapacity && flags.local && percentiles.every(({ percentile }) => percentile !== 95)) {
      throw new UsageError(
        `--slo is '${flags.slo}', but a profile states the capacity at a p95, expected one such as p95=100ms`,
      );
    }
  }
  if (flags.keys === undefined && flags.zipf !== undefined) {
    throw new UsageError('--zipf needs --keys, the number of different inputs');
  }
  checkCapacityFlags(flags);
  if (flags.cores !== undefined && flags.local === undefined) {
    throw new UsageError('--cores is for --local: only a service that is started here can be bound to cores');
  }
  if (flags.body !== undefined) readText('--body', flags.body);
  for (const [flag, file] of [
    ['--out', flags.out],
    ['--html', flags.html],
  ] as const) {
    if (file !== undefined) requireWritable(flag, file);
  }
}

/** The search for the capacity sets the rates itself. */
function checkCapacityFlags({
  findCapacity,
  rate,
  duration,
  rampTo,
  steps,
  trace,
  maxRate,
  stepSeconds,
  cores,
}: LoadFlags): void {
  const rates = { '--rate': rate, '--duration': duration, '--ramp-to': rampTo, '--steps': steps, '--trace': trace };
  const searching = { '--max-rate': maxRate, '--step-seconds': stepSeconds, '--cores': cores };
  const [wrong] = Object.entries(findCapacity ? rates : searching).find(([, value]) => value !== undefined) ?? [];
  if (wrong === undefined) return;
  throw new UsageError(
    findCapacity
      ? `--find-capacity finds the rates by itself, so ${wrong} cannot be given with it`
      : `${wrong} is for --find-capacity, which is not given`,
  );
}
