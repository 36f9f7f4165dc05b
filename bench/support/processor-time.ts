const ROUNDS = 10;
const ROUND_US = 100_000;
const RUNS_BETWEEN_LOOKS = 64;

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
      while (usedUs < ROUND_US) {
        for (let i = 0; i < RUNS_BETWEEN_LOOKS; i++) kept = run();
        runs += RUNS_BETWEEN_LOOKS;
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
