import type { WrittenPlan } from '../lib/plan/written-plan';

/** Commands as they are to be typed for a spec. */

/** The spec that every command takes unless told otherwise. */
export const DEFAULT_SPEC = 'headroom.yaml';

/** ` --spec FILE`, empty where it is the one that is taken anyway. */
export function specFlag(specFile: string): string {
  return specFile === DEFAULT_SPEC ? '' : ` --spec ${quoted(specFile)}`;
}

/**
 * What has to follow a change of the spec where a plan was written, which goes before it.
 * @param growth of the spec; a plan that was written for another is written for that again
 */
export function planAgain(specFile: string, growth: number, plan: WrittenPlan): string {
  const growthFlag = plan.growth === growth ? '' : ` --growth ${plan.growth}`;
  return `headroom plan${growthFlag} --write${specFlag(specFile)}`;
}

/** As a shell takes it for one word. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
