import { createHash } from 'node:crypto';
import { ExponentialBackoff, handleWhen, retry } from 'cockatiel';
import { type Static, type TSchema, Type } from 'typebox';
import { Value } from 'typebox/value';
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

/** S3 advises several parts from 100 MB on; each is sent again alone where the network fails. */
const UPLOAD_PART_BYTES = 32 * 2 ** 20;
const UPLOAD_LANES = 4;

const ATTEMPTS = 4;
const RETRY_DELAYS = { initialDelay: 200, maxDelay: 5000 };

/** A list has at most 1,000 objects, with keys of at most 1,024 bytes. */
const MAX_XML_BYTES = 4 * 2 ** 20;

const ListSchema = Type.Object({
  ListBucketResult: Type.Object({
    Contents: Type.Optional(Type.Array(Type.Object({ Key: Type.String(), Size: Type.String(), ETag: Type.String() }))),
    NextContinuationToken: Type.Optional(Type.String()),
  }),
});
const UploadSchema = Type.Object({ InitiateMultipartUploadResult: Type.Object({ UploadId: Type.String() }) });

/**
 * What batch runs ask of a bucket. Objects appear whole, and once. All calls are tried again where the network or the
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
      if (answer.status === 404) return undefined;
      throw await describeRefusal(answer);
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
        const refusal = await describeRefusal(answer);
        throw isAnother ? new BatchError(`${this.urlOf(key)} has changed while it was read`) : refusal;
      }
      const bytes = await readBytes(answer.body, endByte - startByte);
      if (bytes.length === endByte - startByte) return new Uint8Array(bytes);
      throw new ArtifactError(`the server ends after ${bytes.length} of ${endByte - startByte} bytes`, true);
    });
  }

  /** Undefined where there is no such object. */
  readText(key: string): Promise<string | undefined> {
    return this.#send({ method: 'GET', key }, async (answer) => {
      if (answer.status === 200) return readText(answer.body, Number.POSITIVE_INFINITY);
      const refusal = await describeRefusal(answer);
      if (answer.status === 404) return undefined;
      throw refusal;
    });
  }

  /** @returns false where the object was there already, which then stays as it is */
  writeOnce(key: string, content: Uint8Array): Promise<boolean> {
    const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
    if (bytes.length > UPLOAD_PART_BYTES) return this.#writeInParts(key, bytes);
    const headers = { ...IF_NEW, 'x-amz-content-sha256': sha256(bytes) };
    return this.#send({ method: 'PUT', key, headers, body: bytes }, isNew);
  }

  /** Nothing can be seen of the object until its last part is there and it is put together. */
  async #writeInParts(key: string, bytes: Buffer): Promise<boolean> {
    const started = await this.#xml({ method: 'POST', key, query: { uploads: '' } }, UploadSchema);
    const { UploadId: uploadId } = started.InitiateMultipartUploadResult;
    try {
      const parts = Array.from({ length: Math.ceil(bytes.length / UPLOAD_PART_BYTES) }, (_, part) =>
        bytes.subarray(part * UPLOAD_PART_BYTES, (part + 1) * UPLOAD_PART_BYTES),
      );
      const etags = await mapOrdered([...parts.entries()], UPLOAD_LANES, ([part, body]) =>
        this.#writePart(key, { uploadId, partNumber: String(part + 1) }, body),
      );
      const isWritten = await this.#complete(key, uploadId, etags);
      if (!isWritten) await this.#abort(key, uploadId);
      return isWritten;
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
      if (answer.status !== 200 || etag === undefined) throw await describeRefusal(answer);
      answer.body.resume();
      return etag;
    });
  }

  #complete(key: string, uploadId: string, etags: readonly string[]): Promise<boolean> {
    const parts = etags.map((etag, i) => `<Part><PartNumber>${i + 1}</PartNumber><ETag>${etag}</ETag></Part>`);
    const body = Buffer.from(`<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`);
    const headers = { ...IF_NEW, 'x-amz-content-sha256': sha256(body) };
    return this.#send({ method: 'POST', key, query: { uploadId }, headers, body }, async (answer) => {
      if (answer.status !== 200) return isNew(answer);
      // S3 begins to answer before it knows the end, so an error may come with status 200.
      const text = await readText(answer.body, MAX_XML_BYTES);
      const code = /<Error>.*<Code>([^<]{1,100})<\/Code>/s.exec(text)?.[1];
      if (code === undefined) return true;
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
      const refusal = await describeRefusal(answer);
      throw answer.status === 404 ? new BatchError(`s3://${this.name}: ${refusal.message}`) : refusal;
    });
    const { XMLParser } = await import('fast-xml-parser');
    // Numbered characters are called HTML's there, but are XML's, too.
    const options = { parseTagValue: false, trimValues: false, htmlEntities: true };
    const parser = new XMLParser({ ...options, isArray: (name) => name === 'Contents' });
    const answer: unknown = parser.parse(text);
    if (Value.Check(schema, answer)) return answer;
    throw new BatchError(`s3://${this.name}: the server answers what S3 does not`);
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

const IF_NEW = { 'if-none-match': '*' } as const;

async function isNew(answer: HttpAnswer): Promise<boolean> {
  if (answer.status === 200) {
    answer.body.resume();
    return true;
  }
  const refusal = await describeRefusal(answer);
  if (answer.status === 412) return false;
  // Somebody else is writing the same at this moment.
  throw answer.status === 409 ? new ArtifactError(refusal.message, true) : refusal;
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
