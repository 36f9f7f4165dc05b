/** Work that took longer than it may. */
export class BudgetExceeded extends Error {
  constructor(budgetMs: number) {
    super(`no answer within ${budgetMs} ms`);
    this.name = 'BudgetExceeded';
  }
}

/**
 * The outcome of `work`, or a rejection once `budgetMs` have passed. The work goes on, and what comes of it is dropped.
 *
 * An event loop that was busy runs its timers before it reads its sockets, so an answer may lie there when the time is
 * over: it gets one more look.
 */
export function withinBudget<T>(work: Promise<T>, budgetMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => setImmediate(() => reject(new BudgetExceeded(budgetMs))), budgetMs);
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
