import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { RetirementTurn } from './cache/retirement-turn';
import { closeApp } from './http/listen';
import type { Lifecycle } from './lifecycle';
import type { ModelRepository } from './repository/model-repository';
import type { ServiceConfig } from './settings';
import { memoryLimits, watchMemory } from './telemetry/memory';

/** Something that takes requests and can stop doing so, letting those in flight end. */
interface Closable {
  close(): PromiseLike<unknown>;
}

interface ShutdownParts {
  readonly inference: FastifyInstance;
  readonly admin: FastifyInstance;
  readonly repository: ModelRepository;
  readonly caches: readonly (Closable | undefined)[];
  readonly lifecycle: Lifecycle;
  readonly logger: Logger;
  readonly config: Pick<ServiceConfig, 'preStopMs' | 'drainTimeoutMs' | 'memoryLimitMib'>;
  /** Keeps replicas from retiring at the same time; undefined: they share nothing that could. */
  readonly turn: RetirementTurn | undefined;
}

/** Requests that are on the wire when the signal comes are read, and answered with the word that the connection ends. */
const MIN_GRACE_MS = 250;

/** Exit code of a process that had to leave requests behind. */
const DRAIN_FAILED = 1;

/**
 * The end of a service, in an order that loses no request: not ready, so that load balancers turn away; still
 * answering for the pre-stop time; no new connections and the requests in flight to their end; models; caches;
 * administration last, so that the drain can be watched.
 */
export class Shutdown {
  /** Resolves with the exit code. */
  readonly finished: Promise<number>;
  #finish: (code: number) => void = () => {};

  constructor(private readonly parts: ShutdownParts) {
    this.finished = new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  /** A second signal means it: the process ends at once. */
  watchSignals(): void {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.once(signal, () => {
        process.once(signal, () => process.exit(DRAIN_FAILED));
        this.begin(signal);
      });
    }
  }

  /** Native memory that only grows is given back by a restart: better an orderly one than the kernel's. */
  watchMemory(): void {
    const { config, logger, turn } = this.parts;
    const limits = memoryLimits(config.memoryLimitMib, Math.random());
    if (limits === undefined) return;
    const takeTurn = async () => turn === undefined || (await turn.take());
    watchMemory(limits, takeTurn, (residentBytes) => {
      const { retireBytes: limitBytes } = limits;
      logger.warn({ residentBytes, limitBytes }, 'memory has grown beyond its limit, the service retires');
      this.begin('memory');
    });
  }

  begin(reason: string): void {
    const { lifecycle, logger, config } = this.parts;
    if (!lifecycle.beginStop()) return;
    logger.info({ reason, preStopMs: config.preStopMs }, 'stopping');
    this.#drain().then(
      () => {
        logger.info('stopped');
        this.#finish(0);
      },
      (error) => {
        logger.error({ err: error }, 'stopped with requests or models left behind');
        this.#finish(DRAIN_FAILED);
      },
    );
  }

  async #drain(): Promise<void> {
    const { inference, admin, repository, caches, config } = this.parts;
    await delay(Math.max(config.preStopMs, MIN_GRACE_MS));
    try {
      await within(config.drainTimeoutMs, async () => {
        await closeApp(inference);
        await repository.close();
        await Promise.all(caches.map((cache) => cache?.close()));
        await closeApp(admin);
      });
    } finally {
      // After a drain that took too long, the process must not wait for callers any more.
      for (const { server } of [inference, admin]) server.closeAllConnections();
    }
  }
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function within(timeoutMs: number, work: () => Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`the drain took longer than ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    await Promise.race([work(), timeout]);
  } finally {
    clearTimeout(timer);
  }
}
