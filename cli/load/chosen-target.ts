import { UsageError } from '../errors';
import type { Target } from './drive';
import { distinctKeys, firstKey, hotKeys } from './inputs/keys';
import type { LoadSlo } from './measure/slo';
import type { ReportedTarget } from './report';
import type { Random } from './schedule/random';
import type { PreparedTarget } from './targets/prepared-target';

/** A target whose inputs are chosen. */
export interface ChosenTarget extends Target, ReportedTarget {}

/** How inputs are chosen. */
export interface InputChoice {
  /** Rows of a request. */
  readonly rows: number;
  /** How many different inputs; undefined: every request asks for another. */
  readonly keys?: number | undefined;
  /** How much hotter the hottest are, see zipf. */
  readonly zipf?: number | undefined;
  /** When the run began, milliseconds since the epoch. */
  readonly startedMs: number;
}

/** As hot as the keys of YCSB (B. Cooper et al., "Benchmarking cloud serving systems with YCSB", SoCC 2010). */
const DEFAULT_ZIPF = 0.99;

/**
 * The target with its part of the load and its inputs.
 * @throws UsageError where the example does not allow the choice
 */
export function chooseTarget(
  target: PreparedTarget,
  { rows, keys, zipf, startedMs }: InputChoice,
  random: Random,
  weight: number,
  slo: LoadSlo | undefined,
): ChosenTarget {
  const requests = target.requests(rows);
  if (requests === undefined) {
    throw new UsageError(`--rows is ${rows}, but a request to ${target.name} holds one row`);
  }
  if (keys !== undefined && keys > requests.distinct) {
    throw new UsageError(
      `--keys is ${keys}, but only ${requests.distinct} different inputs can be made for ${target.name}; --body FILE may hold {{key}} in their place`,
    );
  }
  const first = requests.showsKey ? 0 : firstKey(startedMs, requests.distinct);
  const nextKey = keys === undefined ? distinctKeys(first) : hotKeys(keys, zipf ?? DEFAULT_ZIPF, random);
  return {
    name: target.name,
    digest: target.digest,
    distinctInputs: keys ?? requests.distinct,
    weight,
    slo,
    nextRequest: () => requests.bytes(nextKey()),
  };
}
