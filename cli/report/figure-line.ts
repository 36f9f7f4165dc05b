import type { Figure } from '../../lib/plan/figure';
import { number } from './numbers';

const SOURCE_WIDTH = 'price list'.length;

/** A figure and where it comes from. */
export function figureLine({ name, value, unit, source, detail }: Figure): string {
  return `${source.padEnd(SOURCE_WIDTH)}  ${name}: ${number(value)}${unit === '' ? '' : ` ${unit}`} (${detail})`;
}
