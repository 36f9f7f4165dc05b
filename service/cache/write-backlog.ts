import type { Logger } from 'pino';
import type { CacheLayerMetrics } from '../telemetry/cache-metrics';
import { modelKeyPrefix } from './cached-model';
import { Circuit } from './circuit';
import { connectionProblem } from './connection-report';
import { addToEntityIndex } from './entity-keys';
import type { Invalidation } from './invalidation';
import { epochMs } from './kept-row';
import { entityKey } from './memory-cache';
import type { RedisClient } from './redis-connection';

/** More than this is not worth its memory: rows come again. */
const MAX_WAITING_WRITES = 1000;
const MAX_WAITING_BYTES = 16 * 2 ** 20;
/**
 * The others wait here for their turn, because those that were sent to a Redis that stalls fail all at once when its
 * socket does: a thousand hold up the event loop for some 20 ms.
 */
const MAX_SENT_WRITES = 100;
/** Larger rows would hold up the reads behind them; a gigabit carries this in 8 ms. */
const MAX_ROW_BYTES = 2 ** 20;
const PROBE_KEY = 'headroom:probe';
/** Where nobody tells of changes, the own ones cannot be told from others' either. */
const MAX_ECHOES = 10_000;

interface Write {
  readonly key: string;
  readonly row: Buffer;
  readonly ttlMs: number;
  /** See entityKey. */
  readonly entity: string | undefined;
}

/**
 * Writes to Redis that nobody waits for, bounded in number and bytes. A Redis that is full refuses writes and still
 * answers reads, so writes have a circuit breaker of their own.
 */
export class WriteBacklog {
  readonly #queued = new Set<Write>();
  readonly #sent = new Set<Write>();
  /** Queued and sent. */
  #bytes = 0;
  /** Keys written here of which Redis has yet to tell. */
  readonly #echoes = new Set<string>();
  readonly #circuit: Circuit;

  constructor(
    private readonly client: RedisClient,
    private readonly metrics: CacheLayerMetrics,
    logger: Logger,
  ) {
    this.#circuit = new Circuit({
      probe: () => client.set(PROBE_KEY, '', 'PX', 1000),
      onOpen: (reason) => {
        this.#dropQueued();
        logger.warn({ reason: connectionProblem(reason) }, 'the shared cache takes no writes');
      },
      onClose: () => logger.info('the shared cache takes writes again'),
    });
  }

  add(key: string, row: Buffer, ttlMs: number, entity: string | undefined): void {
    const waiting = this.#queued.size + this.#sent.size;
    const isFull = waiting >= MAX_WAITING_WRITES || this.#bytes + row.length > MAX_WAITING_BYTES;
    if (isFull || row.length > MAX_ROW_BYTES || !this.#circuit.isClosed) {
      this.metrics.writes.dropped++;
      return;
    }
    this.#queued.add({ key, row, ttlMs: Math.max(1, Math.ceil(ttlMs)), entity });
    this.#bytes += row.length;
    this.#sendQueued();
  }

  /** What is now wrong is not sent, and removed behind its arrival, on the same connection, where it was. */
  takeBack(invalidation: Invalidation): void {
    for (const write of this.#queued) {
      if (!concerns(invalidation, write)) continue;
      this.#queued.delete(write);
      this.#bytes -= write.row.length;
    }
    for (const write of this.#sent) {
      if (concerns(invalidation, write)) this.client.unlink(write.key).catch(() => {});
    }
  }

  /**
   * Whether a change that Redis tells of is a write from here, of which memory knows. A removal by hand that Redis
   * handled in the very same turn is told in one with it, and goes unnoticed until the row's end.
   */
  isEcho(key: string): boolean {
    return this.#echoes.delete(key);
  }

  /** No more echoes will come of what was written so far. */
  forgetEchoes(): void {
    this.#echoes.clear();
  }

  close(): void {
    this.#circuit.close();
  }

  #sendQueued(): void {
    for (const write of this.#queued) {
      if (this.#sent.size >= MAX_SENT_WRITES) return;
      this.#queued.delete(write);
      void this.#send(write);
    }
  }

  async #send(write: Write): Promise<void> {
    const { writes, bytes } = this.metrics;
    if (this.#echoes.size >= MAX_ECHOES) this.#echoes.clear();
    this.#echoes.add(write.key);
    this.#sent.add(write);
    try {
      await this.#circuit.run(() => this.#store(write));
      writes.written++;
      bytes.written += write.row.length;
    } catch {
      writes.error++;
      this.#echoes.delete(write.key);
    }
    this.#sent.delete(write);
    this.#bytes -= write.row.length;
    this.#sendQueued();
  }

  #store({ key, row, ttlMs, entity }: Write): Promise<unknown> {
    const sent = this.client.set(key, row, 'PX', ttlMs);
    if (entity === undefined) return sent;
    return Promise.all([sent, addToEntityIndex(this.client, entity, key, epochMs(), ttlMs)]);
  }

  #dropQueued(): void {
    this.metrics.writes.dropped += this.#queued.size;
    for (const { row } of this.#queued) this.#bytes -= row.length;
    this.#queued.clear();
  }
}

function concerns(invalidation: Invalidation, { key, entity }: Write): boolean {
  if (invalidation.scope === 'model') return key.startsWith(modelKeyPrefix(invalidation.model));
  if (invalidation.scope === 'rows') return invalidation.keys.includes(key);
  return entity === entityKey(invalidation.model, invalidation.entity);
}
