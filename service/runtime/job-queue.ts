import { Fifo } from './fifo';
import type { Job } from './job';
import { hasSameTail } from './output-join';
import type { JobGroup, QueuedJob } from './queued-job';

/** Groups without jobs are dropped once there are more than this many, and then twice what is left. */
const MIN_PURGE_AT = 64;

/**
 * Jobs in the order they came, and again in that order within their groups: the oldest job of all names the group of
 * the next batch, and the group gives the jobs that can go with it. A job is in both lists; taken from one, it is
 * skipped when the other comes to it. Constant time per job on average.
 */
export class JobQueue {
  readonly #order = new Fifo<QueuedJob>();
  readonly #groups = new Map<string, Group>();
  #recent: Group | undefined;
  #purgeAt = MIN_PURGE_AT;

  /** The group that a job belongs to. */
  groupOf(job: Job): JobGroup {
    if (this.#recent?.takes(job)) return this.#recent;
    const key = keyOf(job);
    let group = this.#groups.get(key);
    if (group === undefined) {
      if (this.#groups.size >= this.#purgeAt) this.#purge();
      group = new Group(job);
      this.#groups.set(key, group);
    }
    this.#recent = group;
    return group;
  }

  /** Puts a job at the end. */
  push(job: QueuedJob): void {
    job.isWaiting = true;
    this.#order.push(job);
    job.group.jobs.push(job);
  }

  /** The oldest waiting job of all; stays where it is. */
  oldest(): QueuedJob | undefined {
    return skipToWaiting(this.#order);
  }

  /** The oldest waiting job of a group; stays where it is. */
  oldestOf(group: JobGroup): QueuedJob | undefined {
    return skipToWaiting(group.jobs);
  }

  /** Takes a job out that is the oldest of its group. */
  take(job: QueuedJob): void {
    skipToWaiting(job.group.jobs);
    job.group.jobs.shift();
    job.isWaiting = false;
    // Where the job is the oldest of all, its place must not be left behind: it may be pushed again.
    if (this.#order.peek() === job) this.#order.shift();
  }

  /** Asks every waiting job whether it stays, oldest first, and forgets those that do not. */
  keep(stays: (job: QueuedJob) => boolean): void {
    this.#order.keep((job) => job.isWaiting && stays(job));
    for (const group of this.#groups.values()) group.jobs.keep((job) => job.isWaiting);
  }

  #purge(): void {
    for (const [key, group] of this.#groups) {
      if (group !== this.#recent && skipToWaiting(group.jobs) === undefined) this.#groups.delete(key);
    }
    this.#purgeAt = Math.max(MIN_PURGE_AT, 2 * this.#groups.size);
  }
}

/** Datatypes are not compared: the signature fixes them. */
class Group implements JobGroup {
  readonly jobs = new Fifo<QueuedJob>();
  readonly #shapes: readonly (readonly number[])[];
  readonly #outputs: readonly number[];

  constructor({ inputs, outputs }: Job) {
    this.#shapes = inputs.map(({ shape }) => shape);
    this.#outputs = outputs;
  }

  takes({ inputs, outputs }: Job): boolean {
    const asked = this.#outputs;
    if (outputs !== asked) {
      if (outputs.length !== asked.length) return false;
      for (let i = 0; i < asked.length; i += 1) if (outputs[i] !== asked[i]) return false;
    }
    for (let i = 0; i < inputs.length; i += 1) {
      const shape = inputs[i]?.shape;
      const known = this.#shapes[i];
      if (shape === undefined || known === undefined || !hasSameTail(shape, known)) return false;
    }
    return true;
  }
}

function keyOf({ inputs, outputs }: Job): string {
  let key = outputs.join();
  for (const { shape } of inputs) key += `|${shape.slice(1).join()}`;
  return key;
}

function skipToWaiting(jobs: Fifo<QueuedJob>): QueuedJob | undefined {
  let job = jobs.peek();
  while (job !== undefined && !job.isWaiting) {
    jobs.shift();
    job = jobs.peek();
  }
  return job;
}
