const ROUNDS = 10;
const ROUND_US = 100_000;

/**
 * Microseconds of processor time that one run of each candidate takes: the best of several short rounds. The rounds of
 * the candidates alternate, so that whatever else the machine does hits them alike.
 */
export function processorTimeUs(candidates: Readonly<Record<string, () => unknown>>): Map<string, number> {
  const best = new Map<string, number>();
  let kept: unknown;
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, run] of Object.entries(candidates)) {
      const start = process.cpuUsage();
      let runs = 0;
      let usedUs = 0;
      // Doubling keeps the cost of looking at the clock out of short runs, and long runs from being repeated in vain.
      for (let repeats = 1; usedUs < ROUND_US; repeats *= 2) {
        for (let i = 0; i < repeats; i++) kept = run();
        runs += repeats;
        const { user, system } = process.cpuUsage(start);
        usedUs = user + system;
      }
      best.set(name, Math.min(best.get(name) ?? Number.POSITIVE_INFINITY, usedUs / runs));
    }
  }
  // Results that nobody uses could be optimised away.
  if (kept === undefined) throw new Error('a candidate returned nothing');
  return best;
}
