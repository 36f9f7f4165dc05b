import { createHash } from 'node:crypto';

/** The last priority that a rule of a load balancer may have; the first is 1. */
const MAX_PRIORITY = 50_000;

/**
 * Gives the rule of each model a priority that stays as it is when other models come and go. Counted instead, a new
 * model would move those behind it, and CloudFormation, which changes one rule after the other, would give a rule the
 * priority that another still has: AWS refuses that. Rules of models exclude each other, so their order means nothing.
 *
 * @param rules one for each model, at most as many as there are priorities
 */
export function withPriorities<R extends { readonly model: string }>(
  rules: readonly R[],
): (R & { readonly priority: number })[] {
  const taken = new Set<number>();
  // The same whatever the order in which they are given.
  return [...rules]
    .sort((a, b) => (a.model < b.model ? -1 : 1))
    .map((rule) => {
      let priority = (createHash('sha256').update(rule.model).digest().readUInt32BE() % MAX_PRIORITY) + 1;
      while (taken.has(priority)) priority = (priority % MAX_PRIORITY) + 1;
      taken.add(priority);
      return { ...rule, priority };
    });
}
