import { ExponentialBackoff, handleWhen, retry } from 'cockatiel';
import { codeOf } from '../../../lib/spec/code-of';
import { ArtifactError } from '../../errors';
import { describeFailure, describeRefusal, type HttpAnswer } from './http-client';
import type { ArtifactFile } from './manifest';
import type { PartialFile } from './partial-file';
import type { Remote } from './remote';

/** Large enough that a request's latency does not matter, small enough to be fetched again after an interruption. */
export const PART_BYTES = 8 * 2 ** 20;

/** One connection to S3 carries some 100 MB/s; four fill a link of 2.5 Gbit/s and more. */
const CONNECTIONS = 4;

const ATTEMPTS = 4;

/** 8 MiB at 64 KiB/s: a server that drips slower than this is taken for one that stalls. */
const PART_TIMEOUT_MS = 128_000;

const DISK_PROBLEMS = new Map([
  ['ENOSPC', 'is full'],
  ['EDQUOT', 'is full: the quota is used up'],
  ['EFBIG', 'takes no file of this size'],
  ['EROFS', 'cannot be written to'],
  ['EACCES', 'cannot be written to'],
  ['EIO', 'has an input/output error'],
]);

/** A failure of the disk, which no other server can mend. */
export function describeDiskFailure(error: unknown, directory: string): unknown {
  const code = codeOf(error);
  const problem = DISK_PROBLEMS.get(code);
  return problem === undefined ? error : new ArtifactError(`the disk of the artifact cache ${directory} ${problem}`);
}

/**
 * Downloads what is missing of a file, in parts over several connections.
 *
 * @param onBytes told of all that arrives
 * @throws ArtifactError where a part fails for good; what has arrived stays
 */
export async function download(
  remote: Remote,
  file: ArtifactFile,
  target: PartialFile,
  onBytes: (count: number) => void,
  signal: AbortSignal,
): Promise<void> {
  const missing = target.missing;
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  const fetchPart = (part: number) => fetchWithRetry(new PartRequest(remote, file, target, onBytes), part, either);
  // One request first: a server without ranges sends everything in answer to it.
  const first = missing.shift();
  if (first === undefined) return;
  await fetchPart(first);
  const rest = new Set(missing.filter((part) => target.missing.includes(part)));
  const work = async () => {
    for (const part of rest) {
      rest.delete(part);
      await fetchPart(part);
    }
  };
  const workers = Array.from({ length: CONNECTIONS }, work);
  try {
    await Promise.all(workers);
  } catch (error) {
    // Nothing may write to the file any more when its owner closes it.
    stop.abort();
    await Promise.allSettled(workers);
    throw error;
  }
}

async function fetchWithRetry(request: PartRequest, part: number, signal: AbortSignal): Promise<void> {
  const policy = retry(
    handleWhen((error) => error instanceof ArtifactError && error.isTransient),
    { maxAttempts: ATTEMPTS - 1, backoff: new ExponentialBackoff({ initialDelay: 200, maxDelay: 5000 }) },
  );
  await policy.execute(async () => {
    const timeout = AbortSignal.timeout(PART_TIMEOUT_MS);
    try {
      await request.run(part, AbortSignal.any([signal, timeout]));
    } catch (error) {
      if (signal.aborted) throw new ArtifactError('the download was stopped');
      if (timeout.aborted) {
        throw new ArtifactError(`the server took more than ${PART_TIMEOUT_MS} ms for ${PART_BYTES} bytes`, true);
      }
      throw error;
    }
  }, signal);
}

/** Fetches single parts of one file. */
class PartRequest {
  constructor(
    private readonly remote: Remote,
    private readonly file: ArtifactFile,
    private readonly target: PartialFile,
    private readonly onBytes: (count: number) => void,
  ) {}

  async run(part: number, signal: AbortSignal): Promise<void> {
    const { file, target } = this;
    const [first, last] = target.rangeOf(part);
    const isWhole = first === 0 && last === file.sizeBytes - 1;
    let answer: HttpAnswer;
    try {
      answer = await this.remote.blob(file, isWhole ? undefined : [first, last], signal);
    } catch (error) {
      throw describeFailure(error);
    }
    if (answer.status === 200 && first === 0) {
      this.#checkSize(answer.headers['content-length']);
      await this.#receive(answer, part, file.sizeBytes - 1);
    } else if (answer.status === 206) {
      this.#checkSize(/\/(\d+)$/.exec(answer.headers['content-range'] ?? '')?.[1]);
      await this.#receive(answer, part, last);
    } else if (answer.status === 200) {
      answer.body.destroy();
      throw new ArtifactError('the server answers some requests for ranges and not others', true);
    } else {
      throw await describeRefusal(answer);
    }
  }

  #checkSize(found: string | undefined): void {
    const { sizeBytes } = this.file;
    if (found !== undefined && Number(found) !== sizeBytes) {
      throw new ArtifactError(`the server has ${found} bytes, but the manifest says ${sizeBytes}`);
    }
  }

  /** Writes what comes, up to byte `last`, and notes every part that is complete. */
  async #receive({ body }: HttpAnswer, part: number, last: number): Promise<void> {
    const { target } = this;
    let [position] = target.rangeOf(part);
    let current = part;
    const chunks = body[Symbol.asyncIterator]();
    for (;;) {
      const { value: chunk, done } = await nextChunk(chunks);
      if (done) break;
      if (position + chunk.length > last + 1) {
        body.destroy();
        throw new ArtifactError('the server sends more bytes than the manifest says');
      }
      await target.write(chunk, position);
      this.onBytes(chunk.length);
      position += chunk.length;
      for (; position > target.rangeOf(current)[1] && current * target.partBytes < target.sizeBytes; current++) {
        await target.markDone(current);
      }
    }
    if (position !== last + 1) {
      throw new ArtifactError(`the server ends after ${position} of ${last + 1} bytes`, true);
    }
  }
}

/** Failures of the connection become sentences here, so that those of the disk stay apart from them. */
async function nextChunk(chunks: AsyncIterator<Buffer>): Promise<IteratorResult<Buffer, undefined>> {
  try {
    return await chunks.next();
  } catch (error) {
    throw describeFailure(error);
  }
}
