import type { Figure } from '../../lib/plan/figure';
import { counted } from '../../lib/spec/counted';
import { number } from './numbers';

const SOURCE_WIDTH = 'price list'.length;

/** The value of a figure with its unit: 1 core, 2 cores. */
export function amount({ value, unit }: Pick<Figure, 'value' | 'unit'>): string {
  if (unit === 'cores') return counted(value, 'core', number(value));
  return unit === '' ? number(value) : `${number(value)} ${unit}`;
}

/** A figure and where it comes from. */
export function figureLine(figure: Figure): string {
  const { name, source, detail } = figure;
  return `${source.padEnd(SOURCE_WIDTH)}  ${name}: ${amount(figure)} (${detail})`;
}
