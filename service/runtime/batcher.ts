import { messageOf } from '../../lib/spec/message-of';
import { deadlineUnreachable, runFailed, ServiceError } from '../errors';
import { assemble } from './assemble-batch';
import { DeadlineSweep, type SweepPort } from './deadline-sweep';
import type { Batch } from './executor';
import type { Job, RunResult } from './job';
import { JobQueue } from './job-queue';
import { RowSplitter } from './output-join';
import { isWhole, type Piece, QueuedJob } from './queued-job';
import type { ModelRun } from './session';
import type { Throughput } from './throughput';

/** What the batcher asks of the world, on the clock of {@link Job.deadlineMs}. */
export interface BatcherPort extends SweepPort {
  /** Calls `task` once those who submit in this moment have done so, so that rows that arrive together run together. */
  defer(task: () => void): void;
  /** Runs that can start now. */
  free(): number;
  run(batch: Batch): Promise<ModelRun>;
  /** See Executor. */
  readonly runAtOnce?: ((batch: Batch) => ModelRun | undefined) | undefined;
  /** A run of the model has succeeded. */
  readonly onBatch?: ((rows: number, runMs: number) => void) | undefined;
}

/** Part of what a job allows that one run may take; the rest is for waiting. */
const RUN_SHARE = 0.5;

/**
 * Batches when busy: an idle executor takes at once what is there; while it is busy, rows collect, and the next batch is
 * the oldest job with those of its group that fit, oldest first. Nobody waits for a batch to fill.
 *
 * A job larger than a batch is cut; between its parts the others have their turn. A batch that fails is run again job by
 * job, so that only the culprit fails. Jobs whose deadline passes, or that nobody waits for, are dropped before they run.
 */
export class Batcher {
  readonly #queue = new JobQueue();
  /** Parts of batches that failed, to be run alone. */
  #alone: Piece[] = [];
  #queuedRows = 0;
  #turnRows = 0;
  #running = 0;
  /** Sum over the runs under way of when they are expected to end. */
  #expectedEndsMs = 0;
  #isDeferred = false;
  readonly #sweep: DeadlineSweep;
  #onDrained: (() => void)[] = [];

  constructor(
    private readonly name: string,
    private readonly port: BatcherPort,
    private readonly throughput: Throughput,
    /** Rows of the largest run worth making; 1 for a model whose jobs must run alone. */
    private readonly largestBatch: () => number,
  ) {
    this.#sweep = new DeadlineSweep(port, (nowMs) => this.#dropUnwanted(nowMs));
  }

  /** Rows that wait for a run. */
  get queuedRows(): number {
    return this.#queuedRows;
  }

  /** Rows that stand before a new job: of a job that will be cut, only those of its next turn. */
  get turnRows(): number {
    return this.#turnRows;
  }

  /** Nothing waits and nothing runs. */
  get isIdle(): boolean {
    return this.#running === 0 && this.#alone.length === 0 && this.#queue.oldest() === undefined;
  }

  /** What is left of the runs under way, summed, as far as can be told. */
  runningMs(nowMs: number): number {
    return Math.max(0, this.#expectedEndsMs - this.#running * nowMs);
  }

  /** @param nowMs on the port's clock, which whoever admitted the job has just read */
  submit(job: Job, nowMs: number): Promise<RunResult> {
    return this.#runAtOnce(job, nowMs) ?? this.#submitToQueue(job, nowMs);
  }

  /**
   * The way of a job that comes alone to an idle model on the calling thread: no queue, whose bookkeeping costs a third
   * of a small model's run. undefined: it must go through the queue.
   */
  #runAtOnce(job: Job, nowMs: number): Promise<RunResult> | undefined {
    const { rows, inputs, outputs } = job;
    if (job.isAlone !== true || this.port.runAtOnce === undefined || !this.isIdle) return undefined;
    if (rows > this.#rowsOfRun(job.deadlineMs - nowMs) || job.isCancelled?.() === true) return undefined;
    try {
      const run = this.port.runAtOnce({ inputs, outputs, owned: false });
      if (run === undefined) return undefined;
      this.#learn(rows, run.runMs, run.runMs, false);
      return Promise.resolve({ outputs: run.outputs, queueMs: 0, runMs: run.runMs, batchRows: rows });
    } catch (error) {
      return Promise.reject(runFailed(this.name, messageOf(error)));
    }
  }

  #submitToQueue(job: Job, nowMs: number): Promise<RunResult> {
    return new Promise((resolve, reject) => {
      const queued = new QueuedJob(job, this.#queue.groupOf(job), nowMs, resolve, reject);
      this.#enqueue(queued);
      this.#sweep.by(job.deadlineMs, nowMs);
      if (job.isAlone === true) this.#dispatch();
      else this.wake();
    });
  }

  /** Looks for work; to be called when a run can start for another reason than the end of one. */
  wake(): void {
    if (this.#isDeferred || this.port.free() === 0) return;
    this.#isDeferred = true;
    this.port.defer(() => {
      this.#isDeferred = false;
      this.#dispatch();
    });
  }

  /** Resolves when all jobs are settled and no run is under way. */
  drained(): Promise<void> {
    if (this.isIdle) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onDrained.push(resolve);
    });
  }

  #enqueue(job: QueuedJob): void {
    const left = job.rows - job.nextRow;
    job.turnRows = Math.min(left, this.largestBatch());
    this.#queuedRows += left;
    this.#turnRows += job.turnRows;
    this.#queue.push(job);
  }

  /** A job's waiting rows no longer count. */
  #uncount(job: QueuedJob): void {
    this.#queuedRows -= job.rows - job.nextRow;
    this.#turnRows -= job.turnRows;
  }

  #dispatch(): void {
    const nowMs = this.port.now();
    while (this.port.free() > 0) {
      const pieces = this.#nextBatch(nowMs);
      if (pieces === undefined) break;
      this.#start(pieces, nowMs);
    }
    this.#tellDrained();
  }

  #nextBatch(nowMs: number): readonly Piece[] | undefined {
    for (let piece = this.#alone.shift(); piece !== undefined; piece = this.#alone.shift()) {
      if (piece.job.isWanted(nowMs)) return [piece];
      this.#reject(piece.job, this.#tooLate(piece.job));
    }
    for (let job = this.#queue.oldest(); job !== undefined; job = this.#queue.oldest()) {
      if (job.isWanted(nowMs)) return this.#fill(job, nowMs);
      this.#reject(job, this.#tooLate(job));
    }
    return undefined;
  }

  /** The batch that begins with the oldest job. It takes no job along that could not wait for the whole of it. */
  #fill(oldest: QueuedJob, nowMs: number): readonly Piece[] {
    const limit = this.largestBatch();
    let patienceMs = oldest.timeoutMs * RUN_SHARE;
    let rows = Math.min(oldest.rows - oldest.nextRow, this.#rowsOfRun(oldest.timeoutMs));
    const pieces = [this.#handOut(oldest, rows, nowMs)];
    while (rows < limit) {
      const job = this.#queue.oldestOf(oldest.group);
      if (job === undefined) break;
      if (!job.isWanted(nowMs)) {
        this.#reject(job, this.#tooLate(job));
        continue;
      }
      const left = job.rows - job.nextRow;
      patienceMs = Math.min(patienceMs, job.timeoutMs * RUN_SHARE);
      // Only the run itself gets longer by more rows. What surrounds it is paid whatever the batch.
      if (rows + left > limit || this.throughput.curve.estimateMs(rows + left) > patienceMs) break;
      rows += left;
      pieces.push(this.#handOut(job, left, nowMs));
    }
    return pieces;
  }

  /** The job's next rows leave the queue; what is left of it goes to the end, so that the others have their turn. */
  #handOut(job: QueuedJob, rows: number, nowMs: number): Piece {
    this.#uncount(job);
    this.#queue.take(job);
    job.start(nowMs);
    const start = job.nextRow;
    job.nextRow += rows;
    if (job.nextRow < job.rows) this.#enqueue(job);
    return { job, start, end: job.nextRow };
  }

  #start(pieces: readonly Piece[], nowMs: number): void {
    const rows = pieces.reduce((sum, { start, end }) => sum + end - start, 0);
    const hasBacklog = this.#queuedRows > 0;
    const expectedEndMs = nowMs + this.throughput.turnaroundMs(rows);
    this.#running += 1;
    this.#expectedEndsMs += expectedEndMs;
    const ended = (settle: () => void): void => {
      this.#running -= 1;
      this.#expectedEndsMs -= expectedEndMs;
      settle();
      this.#dispatch();
    };
    this.port.run(assemble(pieces)).then(
      (run) => {
        this.#learn(rows, run.runMs, this.port.now() - nowMs, hasBacklog);
        ended(() => this.#answer(pieces, rows, run));
      },
      (error: unknown) => ended(() => this.#fail(pieces, error)),
    );
  }

  /** Rows of the largest run that a job which allows `timeoutMs` may be part of. */
  #rowsOfRun(timeoutMs: number): number {
    return Math.min(this.largestBatch(), this.throughput.curve.rowsWithin(timeoutMs * RUN_SHARE));
  }

  #learn(rows: number, runMs: number, turnaroundMs: number, hasBacklog: boolean): void {
    this.throughput.record(rows, runMs, turnaroundMs, hasBacklog);
    this.port.onBatch?.(rows, runMs);
  }

  #answer(pieces: readonly Piece[], rows: number, { outputs, runMs }: ModelRun): void {
    const [only] = pieces;
    if (only !== undefined && pieces.length === 1 && isWhole(only)) {
      only.job.resolve(outputs, runMs, rows);
      return;
    }
    if (outputs.some(({ shape }) => shape[0] !== rows)) {
      this.#fail(pieces, new Error('an output has not one row for each row of the inputs'));
      return;
    }
    const splitter = new RowSplitter(outputs);
    for (const piece of pieces) {
      const { job, start, end } = piece;
      const own = splitter.next(end - start);
      if (isWhole(piece)) {
        job.resolve(own, runMs, rows);
      } else if (!job.collect(start, end - start, own, runMs, rows)) {
        this.#reject(job, runFailed(this.name, 'the shape of an output differs between rows, so send them one by one'));
      }
    }
  }

  /** Of several jobs only one may be to blame, so each of them gets a run of its own. */
  #fail(pieces: readonly Piece[], error: unknown): void {
    if (error instanceof ServiceError) {
      for (const { job } of pieces) this.#reject(job, error);
    } else if (pieces.length > 1) {
      this.#alone.push(...pieces);
    } else {
      const reason = messageOf(error);
      for (const { job } of pieces) this.#reject(job, runFailed(this.name, reason));
    }
  }

  #reject(job: QueuedJob, error: Error): void {
    if (job.isWaiting) {
      this.#uncount(job);
      job.isWaiting = false;
    }
    job.reject(error);
  }

  #tooLate(job: QueuedJob): Error {
    return deadlineUnreachable(this.name, job.timeoutMs, this.#turnRows * this.throughput.drainMsPerRow);
  }

  #tellDrained(): void {
    if (this.#onDrained.length === 0 || !this.isIdle) return;
    for (const tell of this.#onDrained.splice(0)) tell();
  }

  /** Answers the waiting jobs that are of no use any more. @returns the next deadline of those that still wait */
  #dropUnwanted(nowMs: number): number {
    let nextMs = Number.POSITIVE_INFINITY;
    const keep = (job: QueuedJob): boolean => {
      if (job.isWanted(nowMs)) {
        nextMs = Math.min(nextMs, job.job.deadlineMs);
        return true;
      }
      this.#reject(job, this.#tooLate(job));
      return false;
    };
    this.#alone = this.#alone.filter(({ job }) => keep(job));
    this.#queue.keep(keep);
    this.#tellDrained();
    return nextMs;
  }
}
