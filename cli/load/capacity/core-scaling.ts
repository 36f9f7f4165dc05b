import { spawnSync } from 'node:child_process';
import { UsageError } from '../../errors';
import type { ChosenTarget } from '../chosen-target';
import type { Machine } from '../measure/machine';
import type { Setting } from '../setting';
import type { Destination } from '../targets/destination';
import type { CoreCapacity, ModelCapacity } from './report';
import { capacityOf, type SearchContext } from './trials';

/** The service of the same spec, allowed to run on so many cores. */
export type OpenOnCores = (cores: number) => Promise<Destination>;

/** Of the capacity on all cores that a service on fewer surely reaches. */
const SURE_SHARE = 0.5;

/** What it takes to find the capacity of models on fewer cores than the machine has. */
export interface CoreScaling {
  readonly setting: Setting;
  readonly open: OpenOnCores;
  choose(setting: Setting): readonly { readonly name: string; readonly chosen: ChosenTarget }[];
  readonly context: SearchContext;
}

/**
 * Core counts to measure: those given, else 1, 2, 4 … as long as one core is left to the load generator.
 * @throws UsageError where the machine has not so many, or cannot bind a program to some of them
 */
export function coresToTry(given: readonly number[] | undefined, { cores }: Machine): number[] {
  const bindable = spawnSync('taskset', ['--version']).error === undefined;
  if (given === undefined) {
    const powers = Array.from({ length: Math.ceil(Math.log2(cores)) }, (_, i) => 2 ** i);
    return bindable ? powers.filter((count) => count < cores) : [];
  }
  const tooMany = given.find((count) => count >= cores);
  if (tooMany !== undefined) {
    throw new UsageError(
      `--cores has ${tooMany}, expected at most ${cores - 1}: the machine has ${cores}, and one is for the load generator`,
    );
  }
  if (!bindable)
    throw new UsageError('--cores needs taskset, which binds a program to cores and is not installed here');
  return [...given];
}

/** The capacities of models on fewer cores, by the names of the models, in rising order of the cores. */
export async function measureCoreScaling(
  counts: readonly number[],
  models: readonly ModelCapacity[],
  { setting, open, choose, context }: CoreScaling,
): Promise<ReadonlyMap<string, readonly CoreCapacity[]>> {
  const found = new Map<string, CoreCapacity[]>();
  for (const cores of [...counts].sort((a, b) => a - b)) {
    const destination = await open(cores);
    try {
      for (const { name, chosen } of choose({ ...setting, destination })) {
        const { capacityQps: all, limitedBy } = models.find((model) => model.name === name) ?? {};
        // Of a capacity that was not found, no share is known either.
        if (all === undefined || limitedBy === 'max-rate') continue;
        const rates = { startQps: SURE_SHARE * all, maxQps: 4 * all };
        const onThese = { ...setting, destination };
        const { result } = await capacityOf(onThese, `${name} on ${cores}`, [chosen], rates, context);
        const { capacityQps } = result;
        if (capacityQps !== undefined) found.set(name, [...(found.get(name) ?? []), { cores, capacityQps }]);
      }
    } finally {
      await destination.close();
    }
  }
  return found;
}
