import { createReadStream } from 'node:fs';
import { handleWhen, retry } from 'cockatiel';
import { ArtifactError } from '../../errors';
import { describeRefusal } from './http-client';
import type { PushTarget } from './push';
import type { Remote } from './remote';

/** What S3 takes in one request. */
const MAX_PUT_BYTES = 5 * 2 ** 30;

const ATTEMPTS = 3;

/** Named by their digest, files never change; the manifest is asked for anew each time. */
const CACHE_CONTROL = { file: 'public, max-age=31536000, immutable', manifest: 'no-cache' } as const;

/** A prefix in a bucket. S3 itself compares what it receives with the sha256. */
export function s3Target(remote: Remote): PushTarget {
  const { signal } = new AbortController();
  const put = async (path: string, headers: Record<string, string>, body: () => Parameters<Remote['send']>[4]) => {
    const policy = retry(
      handleWhen((error) => error instanceof ArtifactError && error.isTransient),
      { maxAttempts: ATTEMPTS - 1 },
    );
    await policy.execute(async () => {
      const answer = await remote.send('PUT', path, headers, signal, body());
      if (answer.status !== 200) throw await describeRefusal(answer);
      answer.body.resume();
    });
  };
  return {
    has: async (path, sizeBytes) => {
      const answer = await remote.send('HEAD', path, {}, signal);
      answer.body.resume();
      if (answer.status === 200) return Number(answer.headers['content-length']) === sizeBytes;
      // Without the right to list, S3 answers 403 for what is not there.
      if (answer.status === 404 || answer.status === 403) return false;
      throw await describeRefusal(answer);
    },
    putFile: async (path, file, { sizeBytes, sha256 }) => {
      if (sizeBytes > MAX_PUT_BYTES) {
        throw new ArtifactError(
          `${file} has ${sizeBytes} bytes, but S3 takes ${MAX_PUT_BYTES} at once; split its external data`,
        );
      }
      const headers = {
        'content-length': String(sizeBytes),
        'cache-control': CACHE_CONTROL.file,
        'x-amz-content-sha256': sha256,
      };
      await put(path, headers, () => createReadStream(file));
    },
    putManifest: async (path, text) => {
      const body = Buffer.from(text);
      const headers = {
        'content-length': String(body.length),
        'content-type': 'application/json',
        'cache-control': CACHE_CONTROL.manifest,
      };
      await put(path, headers, () => body);
    },
  };
}
