import type { Logger } from 'pino';
import type { CacheLayerMetrics } from '../telemetry/cache-metrics';
import { modelKeyPrefix } from './cached-model';
import { Circuit } from './circuit';
import { addToEntityIndex } from './entity-keys';
import type { Invalidation } from './invalidation';
import { epochMs } from './kept-row';
import { entityKey } from './memory-cache';
import type { RedisClient } from './redis-connection';

/** More than this is not worth its memory: rows come again. */
const MAX_WAITING_WRITES = 1000;
const MAX_WAITING_BYTES = 16 * 2 ** 20;
/** Larger rows would hold up the reads behind them; a gigabit carries this in 8 ms. */
const MAX_ROW_BYTES = 2 ** 20;
const PROBE_KEY = 'headroom:probe';
/** Where nobody tells of changes, the own ones cannot be told from others' either. */
const MAX_ECHOES = 10_000;

interface Write {
  readonly key: string;
  /** See entityKey. */
  readonly entity: string | undefined;
}

/**
 * Writes to Redis that nobody waits for, bounded in number and bytes. A Redis that is full refuses writes and still
 * answers reads, so writes have a circuit breaker of their own.
 */
export class WriteBacklog {
  readonly #waiting = new Set<Write>();
  #waitingBytes = 0;
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
      onOpen: (reason) => logger.warn({ reason: String(reason) }, 'the shared cache takes no writes'),
      onClose: () => logger.info('the shared cache takes writes again'),
    });
  }

  add(key: string, row: Buffer, ttlMs: number, entity: string | undefined): void {
    const { writes, bytes } = this.metrics;
    const isFull = this.#waiting.size >= MAX_WAITING_WRITES || this.#waitingBytes + row.length > MAX_WAITING_BYTES;
    if (isFull || row.length > MAX_ROW_BYTES || !this.#circuit.isClosed) {
      writes.dropped++;
      return;
    }
    const write: Write = { key, entity };
    this.#waiting.add(write);
    this.#waitingBytes += row.length;
    if (this.#echoes.size >= MAX_ECHOES) this.#echoes.clear();
    this.#echoes.add(key);
    this.#circuit
      .run(() => this.#send(write, row, Math.max(1, Math.ceil(ttlMs))))
      .then(
        () => {
          writes.written++;
          bytes.written += row.length;
        },
        () => {
          writes.error++;
          this.#echoes.delete(key);
        },
      )
      .finally(() => {
        this.#waiting.delete(write);
        this.#waitingBytes -= row.length;
      })
      .catch(() => {});
  }

  /** Rows that are on their way to Redis and now wrong are removed behind their arrival, on the same connection. */
  takeBack(invalidation: Invalidation): void {
    for (const { key, entity } of this.#waiting) {
      if (concerns(invalidation, key, entity)) this.client.unlink(key).catch(() => {});
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

  #send({ key, entity }: Write, row: Buffer, ttlMs: number): Promise<unknown> {
    const sent = this.client.set(key, row, 'PX', ttlMs);
    if (entity === undefined) return sent;
    return Promise.all([sent, addToEntityIndex(this.client, entity, key, epochMs(), ttlMs)]);
  }
}

function concerns(invalidation: Invalidation, key: string, entity: string | undefined): boolean {
  if (invalidation.scope === 'model') return key.startsWith(modelKeyPrefix(invalidation.model));
  if (invalidation.scope === 'rows') return invalidation.keys.includes(key);
  return entity === entityKey(invalidation.model, invalidation.entity);
}
