import { setTimeout as delay } from 'node:timers/promises';
import { withinBudget } from './budget';
import type { KeptRow } from './kept-row';
import type { RedisClient } from './redis-connection';
import type { Claim } from './shared-rows';

/** A replica that died with a claim holds the others up for no longer than this many runs. */
const HELD_RUNS = 2;
const MAX_HELD_MS = 10_000;
/** Others look this many times during a run. */
const LOOKS_PER_RUN = 8;
const MIN_LOOK_MS = 5;

/** Run it here: there is nothing to tell anyone. */
const UNCLAIMED: Claim = { found: undefined, release: () => {} };

interface ClaimOptions {
  readonly budgetMs: number;
  /** What another replica has written in the meantime. */
  readonly read: () => Promise<KeptRow | undefined>;
}

/**
 * Claims a row for this replica (`SET NX PX`), or waits for the result of the replica that did, at most for two runs.
 * A claim only saves work: where Redis fails, or the other replica does, the row runs here.
 *
 * @param runMs how long a run takes
 */
export async function claimRun(
  client: RedisClient,
  key: string,
  runMs: number,
  { budgetMs, read }: ClaimOptions,
): Promise<Claim> {
  const claimKey = `run:${key}`;
  const heldMs = Math.ceil(Math.min(MAX_HELD_MS, HELD_RUNS * runMs));
  const untilMs = performance.now() + heldMs;
  const release = () => void client.unlink(claimKey).catch(() => {});
  try {
    for (let look = 0; performance.now() < untilMs; look++) {
      if (look > 0) await delay(Math.max(MIN_LOOK_MS, runMs / LOOKS_PER_RUN));
      const isMine = (await withinBudget(client.set(claimKey, '', 'PX', heldMs, 'NX'), budgetMs)) === 'OK';
      // The other replica has written before it let go.
      const found = look === 0 ? undefined : await read();
      if (found !== undefined) {
        if (isMine) release();
        return { found, release: () => {} };
      }
      if (isMine) return { found: undefined, release };
    }
  } catch {
    // Redis does not answer.
  }
  return UNCLAIMED;
}
