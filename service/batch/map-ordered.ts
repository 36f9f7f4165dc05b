/**
 * Maps a list with a few calls under way at a time; the results are in the order of the list.
 * @throws what the first call that fails throws, when those under way have ended
 */
export async function mapOrdered<T, R>(items: readonly T[], lanes: number, map: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  // One iterator for all lanes: each takes the next item, and none does once one has failed.
  const queue = items.entries();
  const lane = async (): Promise<void> => {
    for (const [index, item] of queue) {
      try {
        results[index] = await map(item);
      } catch (error) {
        for (const _ of queue);
        throw error;
      }
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: lanes }, lane));
  for (const one of ended) if (one.status === 'rejected') throw one.reason;
  return results;
}
