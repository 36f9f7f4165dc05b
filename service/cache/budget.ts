/** The last part of a budget, which begins when the event loop is known to turn. */
const LAST_LOOK_MS = 5;

/**
 * The outcome of `work`, or a rejection once `budgetMs` have passed. The work goes on, and what comes of it is dropped.
 *
 * The time is taken in two parts, because an event loop that was busy runs its timers before it reads its sockets: a
 * loop that blocks for longer than the budget must not look like a server that does not answer.
 *
 * @param budgetMs more than 5
 */
export function withinBudget<T>(work: Promise<T>, budgetMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    let timer = setTimeout(() => {
      timer = setTimeout(() => reject(new Error(`no answer within ${budgetMs} ms`)), LAST_LOOK_MS);
    }, budgetMs - LAST_LOOK_MS);
    work.then(
      (value) => {
        clearTimeout(timer);
        resolve(value);
      },
      (error: unknown) => {
        clearTimeout(timer);
        reject(error instanceof Error ? error : new Error(String(error)));
      },
    );
  });
}
