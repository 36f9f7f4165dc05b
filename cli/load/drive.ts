import type { Exchange } from './http/connection';
import { ConnectionPool, type PoolOptions, type PoolUse } from './http/connection-pool';
import type { Endpoint } from './http/endpoint';
import { Latencies } from './measure/latencies';
import { Recorder } from './measure/recorder';
import { type Arrivals, type Schedule, schedule } from './schedule/arrivals';
import { monotonicMs } from './schedule/clock';
import type { Pacer } from './schedule/pacer';
import type { Random } from './schedule/random';
import { RateProfile, type Stretch } from './schedule/rate-profile';

/** What is asked, one request after the other. */
export interface Target {
  readonly name: string;
  /** Its part of the arrivals, in proportion to those of the others. */
  readonly weight: number;
  /** The bytes of the next request. */
  nextRequest(): string | Buffer;
}

export interface DriveOptions {
  readonly endpoint: Endpoint;
  readonly pool: PoolOptions;
  readonly targets: readonly Target[];
  /** What is measured. */
  readonly stretches: readonly Stretch[];
  readonly arrivals: Arrivals;
  /** Load before that, up to its first rate, which is not counted. */
  readonly warmUpSeconds: number;
  readonly random: Random;
  readonly startPacer: (onTime: () => void) => Promise<Pacer>;
  /** Ends the load early; what was measured until then counts. */
  readonly signal?: AbortSignal | undefined;
  /** After each measured second. */
  readonly onSecond?: (progress: Progress) => void;
}

export interface Progress {
  readonly seconds: number;
  readonly durationSeconds: number;
  readonly recorders: readonly Recorder[];
  /** Sent and not answered. */
  readonly outstanding: number;
}

/** How the generator itself fared. */
export interface GeneratorUse extends PoolUse {
  /** Requests that were sent, warm-up included. */
  readonly sent: number;
  /** How late requests were sent where a connection was free. */
  readonly lateness: Latencies;
  /** Share of the time in which its event loop was busy. */
  readonly loopBusy: number;
  /** Cores that it used. */
  readonly cores: number;
}

export interface DriveOutcome {
  /** In the order of the targets. */
  readonly recorders: readonly Recorder[];
  readonly measuredSeconds: number;
  /** Whether it was ended early. */
  readonly stopped: boolean;
  /** Requests on their way when the last one had been sent. */
  readonly outstandingAtEnd: number;
  readonly generator: GeneratorUse;
}

const SWEEP_MS = 50;

/**
 * Open-loop load: requests are sent when they are due, however many are unanswered, and latency counts from the time a
 * request was due. So a server that stalls is charged with all the requests that came meanwhile, and none is omitted.
 */
export async function drive(options: DriveOptions): Promise<DriveOutcome> {
  const run = new Run(options);
  return run.finish();
}

/** Rises to the rate before it holds it: cold code on both sides would begin with a queue that takes long to go. */
function warmUp(seconds: number, qps: number): Stretch[] {
  return [
    { seconds: seconds / 2, fromQps: 0, toQps: qps },
    { seconds: seconds / 2, fromQps: qps, toQps: qps },
  ];
}

class Run {
  readonly #options: DriveOptions;
  readonly #pool: ConnectionPool;
  readonly #recorders: readonly Recorder[];
  readonly #lateness = new Latencies();
  readonly #next: Schedule;
  readonly #totalWeight: number;
  readonly #durationSeconds: number;
  #pacer: Pacer | undefined;
  #dueMs = Number.POSITIVE_INFINITY;
  #startMs = 0;
  #measureFromMs = 0;
  #endedMs = 0;
  #stopped = false;
  #sent = 0;
  #outstanding = 0;
  #outstandingAtEnd = 0;
  #seconds = 0;
  #onDrained: (() => void) | undefined;

  constructor(options: DriveOptions) {
    const { endpoint, pool, targets, stretches, arrivals, warmUpSeconds, random } = options;
    this.#options = options;
    this.#pool = new ConnectionPool(endpoint, pool);
    this.#recorders = targets.map(() => new Recorder());
    this.#totalWeight = targets.reduce((sum, { weight }) => sum + weight, 0);
    const firstQps = stretches.find(({ fromQps, toQps }) => fromQps + toQps > 0)?.fromQps ?? 0;
    const profile = new RateProfile(warmUpSeconds > 0 ? [...warmUp(warmUpSeconds, firstQps), ...stretches] : stretches);
    this.#durationSeconds = profile.durationSeconds - warmUpSeconds;
    this.#next = schedule(profile, arrivals, random);
  }

  async finish(): Promise<DriveOutcome> {
    const { signal, startPacer, warmUpSeconds } = this.#options;
    this.#pacer = await startPacer(() => this.#sendDue());
    const idle = performance.eventLoopUtilization();
    const cpu = process.cpuUsage();
    this.#startMs = monotonicMs();
    this.#measureFromMs = this.#startMs + warmUpSeconds * 1000;
    const timer = setInterval(() => this.#tick(), SWEEP_MS);
    const stop = () => {
      this.#stopped = true;
      this.#end();
    };
    signal?.addEventListener('abort', stop, { once: true });
    try {
      const drained = new Promise<void>((resolve) => {
        this.#onDrained = resolve;
      });
      this.#plan();
      await drained;
    } finally {
      clearInterval(timer);
      signal?.removeEventListener('abort', stop);
      this.#pool.close();
      await this.#pacer.close();
    }
    const wallUs = (monotonicMs() - this.#startMs) * 1000;
    const { user, system } = process.cpuUsage(cpu);
    this.#closeWindow();
    return {
      recorders: this.#recorders,
      measuredSeconds: this.#measuredSeconds(),
      stopped: this.#stopped,
      outstandingAtEnd: this.#outstandingAtEnd,
      generator: {
        ...this.#pool.use,
        sent: this.#sent,
        lateness: this.#lateness,
        loopBusy: performance.eventLoopUtilization(idle).utilization,
        cores: (user + system) / wallUs,
      },
    };
  }

  /** The schedule ends some time after its last request. */
  #measuredSeconds(): number {
    const seconds = Math.max(0, this.#endedMs - this.#measureFromMs) / 1000;
    return this.#stopped ? seconds : Math.max(seconds, this.#durationSeconds);
  }

  /** Sends all that is due, and asks to be woken for the next. */
  #sendDue(): void {
    const nowMs = monotonicMs();
    while (this.#dueMs <= nowMs) {
      this.#send(this.#dueMs);
      this.#advance();
    }
    if (this.#dueMs < Number.POSITIVE_INFINITY) this.#pacer?.wakeAt(this.#dueMs);
  }

  #plan(): void {
    this.#advance();
    this.#sendDue();
  }

  #advance(): void {
    const next = this.#endedMs > 0 ? undefined : this.#next();
    if (next === undefined) this.#end();
    else this.#dueMs = this.#startMs + next;
  }

  #send(dueMs: number): void {
    const index = this.#choose();
    const target = this.#options.targets[index];
    const recorder = this.#recorders[index];
    if (target === undefined || recorder === undefined) return;
    const counts = dueMs >= this.#measureFromMs;
    if (counts) recorder.offered++;
    const exchange: Exchange = {
      bytes: target.nextRequest(),
      dueMs,
      onResponse: (response) => {
        const nowMs = monotonicMs();
        if (counts) recorder.onResponse(response, nowMs - dueMs);
        this.#settle();
        // Answers come in bursts, and what falls due meanwhile need not wait for the next message of the pacer.
        if (this.#dueMs <= nowMs) this.#sendDue();
      },
      onFailure: (failure, detail) => {
        if (counts) recorder.onFailure(failure, detail);
        this.#settle();
      },
    };
    this.#sent++;
    this.#outstanding++;
    if (this.#pool.send(exchange) && counts) this.#lateness.record(monotonicMs() - dueMs);
  }

  #choose(): number {
    const { targets, random } = this.#options;
    if (targets.length === 1) return 0;
    let rest = random() * this.#totalWeight;
    for (const [i, { weight }] of targets.entries()) {
      rest -= weight;
      if (rest < 0) return i;
    }
    return targets.length - 1;
  }

  #settle(): void {
    this.#outstanding--;
    if (this.#outstanding === 0 && this.#endedMs > 0) this.#onDrained?.();
  }

  /** No more requests; the answers to those on their way are awaited. */
  #end(): void {
    if (this.#endedMs > 0) return;
    this.#dueMs = Number.POSITIVE_INFINITY;
    this.#endedMs = monotonicMs();
    this.#outstandingAtEnd = this.#outstanding;
    if (this.#outstanding === 0) this.#onDrained?.();
  }

  #tick(): void {
    const nowMs = monotonicMs();
    this.#pool.sweep(nowMs);
    if (nowMs - this.#measureFromMs >= (this.#seconds + 1) * 1000) this.#closeWindow();
  }

  #closeWindow(): void {
    const passed = (monotonicMs() - this.#measureFromMs) / 1000;
    const span = passed - this.#seconds;
    // What little is left after the last whole second would make wild rates of single requests.
    if (span < 0.5) return;
    for (const recorder of this.#recorders) recorder.closeWindow(this.#seconds, span);
    this.#seconds = passed;
    this.#options.onSecond?.({
      seconds: passed,
      durationSeconds: this.#durationSeconds,
      recorders: this.#recorders,
      outstanding: this.#outstanding,
    });
  }
}
