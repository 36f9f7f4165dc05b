import { Option } from 'commander';
import { GROWTH_BOUNDS } from '../lib/spec/schema';
import { UsageError } from './errors';

/** Which numbers an option takes. */
export interface Range {
  readonly allows: (value: number) => boolean;
  /** As in `expected a number above 0`. */
  readonly words: string;
}

export const POSITIVE: Range = { allows: (value) => value > 0, words: 'a number above 0' };
/** As far as a spec may grow, so that a slip of the finger is no plan. */
export const GROWTH: Range = {
  allows: (value) => value >= GROWTH_BOUNDS.minimum && value <= GROWTH_BOUNDS.maximum,
  words: `a number from ${GROWTH_BOUNDS.minimum} to ${GROWTH_BOUNDS.maximum}`,
};
export const SHARE: Range = { allows: (value) => value >= 0 && value <= 1, words: 'a number from 0 to 1' };

/** Whole numbers of a range. */
export function wholeNumber(min: number, max: number): Range {
  return {
    allows: (value) => Number.isInteger(value) && value >= min && value <= max,
    words: `a whole number from ${min} to ${max}`,
  };
}

/** An option whose value is a number of a range; another value is told in one sentence. */
export function numberOption(flags: string, description: string, { allows, words }: Range): Option {
  return new Option(flags, description).argParser((text) => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isFinite(value) && allows(value)) return value;
    throw new UsageError(`${flags.split(' ')[0]} is '${text}', expected ${words}`);
  });
}
