import { cpus } from 'node:os';
import { counted } from '../../../lib/spec/counted';
import { number } from '../../report/numbers';

/** Cores that other programs may keep busy without being blamed, as a share of all. */
const HARMLESS_SHARE = 0.1;

/** Seconds for which all cores of this machine were busy, since it started; with {@link otherCores} a difference. */
export function busySeconds(): number {
  return cpus().reduce((sum, { times: { user, nice, sys, irq } }) => sum + (user + nice + sys + irq) / 1000, 0);
}

/** Cores that neither the service nor the load generator kept busy. */
export function otherCores(busy: number, own: number, wallSeconds: number): number {
  return Math.max(0, busy - own) / wallSeconds;
}

/**
 * Why what was measured says little of the service, in a sentence; undefined where others left the machine to it.
 * @param cores of the machine, whatever part of it this process may use: the others are seen on all of them
 */
export function disturbance(others: number | undefined, cores = cpus().length): string | undefined {
  if (others === undefined || others <= HARMLESS_SHARE * cores) return undefined;
  return `other programs kept ${number(others)} of ${counted(cores, 'core')} busy meanwhile`;
}
