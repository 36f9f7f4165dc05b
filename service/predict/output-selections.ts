/** With so many outputs there are 64 ways to ask for some of them; with one more, 325. */
const MAX_ENUMERATED_OUTPUTS = 4;

/**
 * The selections of outputs under which a row may be cached, since each is a key of its own: all that are possible
 * where the model has up to four outputs, else all outputs in their order, each by itself, and those in `known`.
 */
export function outputSelections(outputs: number, known: readonly (readonly number[])[]): number[][] {
  const all = Array.from({ length: outputs }, (_, index) => index);
  if (outputs <= MAX_ENUMERATED_OUTPUTS) return orderedSubsets(all);
  const selections = [all, ...all.map((index) => [index]), ...known.filter(({ length }) => length > 0)];
  return [...new Map(selections.map((selection) => [selection.join(), [...selection]])).values()];
}

/** Every choice of one or more of `from`, in every order. */
function orderedSubsets(from: readonly number[]): number[][] {
  return from.flatMap((first) => {
    const rest = from.filter((index) => index !== first);
    return [[first], ...orderedSubsets(rest).map((others) => [first, ...others])];
  });
}
