import { createHash } from 'node:crypto';
import { ExponentialBackoff, handleWhen, handleWhenResult, retry } from 'cockatiel';
import type { Static, TSchema } from 'typebox';
import type { Environment } from '../aws-credentials';
import { ArtifactError, BatchError } from '../errors';
import {
  describeRefusal,
  type HttpAnswer,
  type HttpClient,
  type HttpMethod,
  readBytes,
  readText,
} from '../repository/artifacts/http-client';
import type { Address } from '../repository/artifacts/remote';
import { s3Address } from '../repository/artifacts/s3-address';
import { mapOrdered } from './map-ordered';
import { ListSchema, parseXml, UploadSchema } from './s3-xml';

/** An object of a bucket. */
export interface S3Object {
  readonly key: string;
  readonly sizeBytes: number;
  /** Another one where the object has changed. */
  readonly etag: string;
}

interface S3Request {
  readonly method: HttpMethod;
  readonly key: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

/** Of a write. */
type Condition = Readonly<Record<string, string>>;

const IF_NEW: Condition = { 'if-none-match': '*' };

/** S3 advises several parts from 100 MB on; each is sent again alone where the network fails. */
const UPLOAD_PART_BYTES = 32 * 2 ** 20;
const UPLOAD_LANES = 4;

const ATTEMPTS = 4;
const RETRY_DELAYS = { initialDelay: 200, maxDelay: 5000 };

/** What became of an object that was to be written once. */
type Written =
  | 'written'
  /** Another one was there, and still is. */
  | 'there'
  /** Another one is on its way, and ends first: of an upload in parts, nothing is left. */
  | 'conflict';

/** A list has at most 1,000 objects, with keys of at most 1,024 bytes. */
const MAX_XML_BYTES = 4 * 2 ** 20;

/**
 * What batch runs ask of a bucket. Objects appear whole. All calls are tried again where the network or the
 * server's state may be to blame.
 *
 * All of them throw BatchError for what another try cannot mend, such as a bucket that does not exist, and ArtifactError
 * else.
 */
export class S3Bucket {
  readonly #address: Address;

  /**
   * @param name of the bucket
   * @param environment as {@link s3Address} reads it
   */
  constructor(
    readonly name: string,
    private readonly client: HttpClient,
    environment: Environment,
    fallbackRegion?: string,
  ) {
    this.#address = s3Address(`s3://${name}`, environment, fallbackRegion);
  }

  urlOf(key: string): string {
    return `s3://${this.name}/${key}`;
  }

  /** Undefined where there is no such object. */
  find(key: string): Promise<S3Object | undefined> {
    return this.#send({ method: 'HEAD', key }, async (answer) => {
      answer.body.resume();
      const { 'content-length': size, etag } = answer.headers;
      if (answer.status === 200 && etag !== undefined) return { key, sizeBytes: Number(size), etag };
      // Without a body, which could say that it is the bucket that is missing: whoever lists it next is told.
      if (answer.status === 404) return undefined;
      throw await this.#refusal(answer);
    });
  }

  /**
   * Objects whose keys begin with a prefix, in the order of the keys.
   * @param depth `folder` leaves out those that have a further slash in their keys
   */
  async list(prefix: string, depth: 'folder' | 'all'): Promise<S3Object[]> {
    const objects: S3Object[] = [];
    let token: string | undefined;
    do {
      const query = {
        'list-type': '2',
        prefix,
        ...(depth === 'folder' && { delimiter: '/' }),
        ...(token !== undefined && { 'continuation-token': token }),
      };
      const { ListBucketResult: page } = await this.#xml({ method: 'GET', key: '', query }, ListSchema);
      for (const { Key: key, Size: size, ETag: etag } of page.Contents ?? []) {
        objects.push({ key, sizeBytes: Number(size), etag });
      }
      token = page.NextContinuationToken;
    } while (token !== undefined);
    return objects;
  }

  /**
   * The bytes from `startByte` to before `endByte`.
   * @throws BatchError where the object is another one by now
   */
  async read({ key, etag }: S3Object, startByte: number, endByte: number): Promise<Uint8Array<ArrayBuffer>> {
    if (endByte <= startByte) return new Uint8Array(0);
    const headers = { range: `bytes=${startByte}-${endByte - 1}`, 'if-match': etag };
    return this.#send({ method: 'GET', key, headers }, async (answer) => {
      if (answer.status !== 206) {
        const isAnother = [404, 412, 416].includes(answer.status);
        const refusal = await this.#refusal(answer);
        throw isAnother && refusal instanceof ArtifactError
          ? new BatchError(`${this.urlOf(key)} has changed while it was read`)
          : refusal;
      }
      const bytes = await readBytes(answer.body, endByte - startByte);
      if (bytes.length === endByte - startByte) return new Uint8Array(bytes);
      throw new ArtifactError(`the server ends after ${bytes.length} of ${endByte - startByte} bytes`, true);
    });
  }

  /** Undefined where there is no such object. */
  readAll(key: string): Promise<Buffer | undefined> {
    return this.#send({ method: 'GET', key }, async (answer) => {
      if (answer.status === 200) return readBytes(answer.body, Number.POSITIVE_INFINITY);
      const refusal = await this.#refusal(answer);
      if (answer.status === 404 && refusal instanceof ArtifactError) return undefined;
      throw refusal;
    });
  }

  /** @returns false where the object was there already, which then stays as it is */
  async writeOnce(key: string, content: Uint8Array): Promise<boolean> {
    return (await this.#write(key, content, IF_NEW)) === 'written';
  }

  /** Takes the place of an object that is there. */
  async replace(key: string, content: Uint8Array): Promise<void> {
    await this.#write(key, content, {});
  }

  async #write(key: string, content: Uint8Array, condition: Condition): Promise<Written> {
    const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
    const isLarge = bytes.length > UPLOAD_PART_BYTES;
    const policy = retry(
      handleWhenResult((result) => result === 'conflict'),
      { maxAttempts: ATTEMPTS - 1, backoff: new ExponentialBackoff(RETRY_DELAYS) },
    );
    const written = await policy.execute(() =>
      isLarge ? this.#writeInParts(key, bytes, condition) : this.#writeWhole(key, bytes, condition),
    );
    if (written !== 'conflict') return written;
    throw new ArtifactError(`${this.urlOf(key)}: somebody else is writing it, too`, true);
  }

  #writeWhole(key: string, body: Buffer, condition: Condition): Promise<Written> {
    const headers = { ...condition, 'x-amz-content-sha256': sha256(body) };
    return this.#send({ method: 'PUT', key, headers, body }, (answer) => this.#written(answer));
  }

  /** Nothing can be seen of the object until its last part is there and it is put together. */
  async #writeInParts(key: string, bytes: Buffer, condition: Condition): Promise<Written> {
    const started = await this.#xml({ method: 'POST', key, query: { uploads: '' } }, UploadSchema);
    const { UploadId: uploadId } = started.InitiateMultipartUploadResult;
    try {
      const parts = Array.from({ length: Math.ceil(bytes.length / UPLOAD_PART_BYTES) }, (_, part) =>
        bytes.subarray(part * UPLOAD_PART_BYTES, (part + 1) * UPLOAD_PART_BYTES),
      );
      const etags = await mapOrdered([...parts.entries()], UPLOAD_LANES, ([part, body]) =>
        this.#writePart(key, { uploadId, partNumber: String(part + 1) }, body),
      );
      const written = await this.#complete(key, { uploadId, etags }, condition);
      if (written !== 'written') await this.#abort(key, uploadId);
      return written;
    } catch (error) {
      // Why it failed is more than that it cannot be tidied up, which the rules of the bucket do in time.
      await this.#abort(key, uploadId).catch(() => {});
      throw error;
    }
  }

  #writePart(key: string, query: Readonly<Record<string, string>>, body: Buffer): Promise<string> {
    const headers = { 'x-amz-content-sha256': sha256(body) };
    return this.#send({ method: 'PUT', key, query, headers, body }, async (answer) => {
      const { etag } = answer.headers;
      if (answer.status !== 200 || etag === undefined) throw await this.#refusal(answer);
      answer.body.resume();
      return etag;
    });
  }

  #complete(
    key: string,
    { uploadId, etags }: { readonly uploadId: string; readonly etags: readonly string[] },
    condition: Condition,
  ): Promise<Written> {
    const parts = etags.map((etag, i) => `<Part><PartNumber>${i + 1}</PartNumber><ETag>${etag}</ETag></Part>`);
    const body = Buffer.from(`<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`);
    const headers = { ...condition, 'x-amz-content-sha256': sha256(body) };
    return this.#send({ method: 'POST', key, query: { uploadId }, headers, body }, async (answer) => {
      if (answer.status !== 200) return this.#written(answer);
      // S3 begins to answer before it knows the end, so an error may come with status 200.
      const text = await readText(answer.body, MAX_XML_BYTES);
      const code = /<Error>.*<Code>([^<]{1,100})<\/Code>/s.exec(text)?.[1];
      if (code === undefined) return 'written';
      throw new ArtifactError(`the server cannot put the parts together (${code})`, true);
    });
  }

  #abort(key: string, uploadId: string): Promise<void> {
    return this.#send({ method: 'DELETE', key, query: { uploadId } }, async ({ body }) => {
      body.resume();
    });
  }

  async #xml<S extends TSchema>(request: S3Request, schema: S): Promise<Static<S>> {
    const text = await this.#send(request, async (answer) => {
      if (answer.status === 200) return readText(answer.body, MAX_XML_BYTES);
      throw await this.#refusal(answer);
    });
    const parsed = await parseXml(text, schema);
    if (parsed !== undefined) return parsed;
    throw new BatchError(`s3://${this.name}: the server answers what S3 does not`);
  }

  async #written(answer: HttpAnswer): Promise<Written> {
    if (answer.status === 200) {
      answer.body.resume();
      return 'written';
    }
    const refusal = await this.#refusal(answer);
    if (answer.status === 412) return 'there';
    if (answer.status === 409) return 'conflict';
    throw refusal;
  }

  /** Of all refusals, another try cannot mend that there is no such bucket. */
  async #refusal(answer: HttpAnswer): Promise<ArtifactError | BatchError> {
    const refusal = await describeRefusal(answer);
    return refusal.code === 'NoSuchBucket' ? new BatchError(`s3://${this.name}: ${refusal.message}`) : refusal;
  }

  /** @param read takes what it needs of the answer; when it fails for a while, all is tried again */
  async #send<T>(request: S3Request, read: (answer: HttpAnswer) => Promise<T>): Promise<T> {
    const { method, key, headers = {}, query, body } = request;
    const { signal } = new AbortController();
    const policy = retry(
      handleWhen((error) => error instanceof ArtifactError && error.isTransient),
      { maxAttempts: ATTEMPTS - 1, backoff: new ExponentialBackoff(RETRY_DELAYS) },
    );
    try {
      return await policy.execute(async () => {
        const all = { 'accept-encoding': 'identity', ...headers };
        const prepared = await this.#address.prepare(method, key, all, query);
        return read(
          await this.client.send({ method, ...prepared, followsRedirects: false, signal, ...(body && { body }) }),
        );
      });
    } catch (error) {
      if (!(error instanceof ArtifactError)) throw error;
      throw new ArtifactError(`${this.urlOf(key)}: ${error.message}`, error.isTransient);
    }
  }
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
