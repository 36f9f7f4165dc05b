import { type CircuitBreakerPolicy, CircuitState, CountBreaker, circuitBreaker, handleAll } from 'cockatiel';

/** Of so many last calls … */
const WINDOW_CALLS = 50;
/** … more than this share must fail, and of the first calls at least … */
const MAX_FAILED = 0.1;
/** … this many must have been made. */
const MIN_CALLS = 5;
const PROBE_INTERVAL_MS = 500;

export interface CircuitOptions {
  /** Tells whether what failed is back, by succeeding. Called while the circuit is open, and never by a request. */
  readonly probe: () => Promise<unknown>;
  readonly onOpen: (reason: unknown) => void;
  readonly onClose: () => void;
}

/**
 * A circuit breaker whose trials are probes of its own: while it is open no request waits for anything, not even for
 * the trial that closes it again.
 */
export class Circuit {
  readonly #breaker: CircuitBreakerPolicy;
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: CircuitOptions) {
    this.#breaker = circuitBreaker(handleAll, {
      halfOpenAfter: PROBE_INTERVAL_MS / 2,
      breaker: new CountBreaker({ threshold: MAX_FAILED, size: WINDOW_CALLS, minimumNumberOfCalls: MIN_CALLS }),
    });
    this.#breaker.onBreak((failure) => {
      // Also after a probe that failed, which is no news.
      if (this.#timer !== undefined) return;
      this.#timer = setInterval(() => this.#probe(), PROBE_INTERVAL_MS).unref();
      options.onOpen('error' in failure ? failure.error : failure);
    });
    this.#breaker.onReset(() => {
      this.close();
      options.onClose();
    });
  }

  get isClosed(): boolean {
    return this.#breaker.state === CircuitState.Closed;
  }

  /** Only while {@link isClosed}. @throws what `call` throws */
  run<T>(call: () => Promise<T>): Promise<T> {
    return this.#breaker.execute(call);
  }

  /** Ends the probes. */
  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #probe(): void {
    this.#breaker.execute(this.options.probe).catch(() => {});
  }
}
