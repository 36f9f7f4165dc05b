import type { Readable } from 'node:stream';
import { describeRefusal, type HttpAnswer, type HttpClient, type HttpMethod, readText } from './http-client';
import {
  type ArtifactFile,
  blobPath,
  MANIFEST_FILE,
  MAX_MANIFEST_BYTES,
  type Manifest,
  parseManifest,
} from './manifest';

/** How the files below one address are asked for: the part in which S3 and a CDN differ. */
export interface Address {
  /** As it stands in the spec, for messages. */
  readonly url: string;
  readonly followsRedirects: boolean;
  /**
   * @param path below the address, with slashes
   * @param query of which the API of S3 is made; other servers of files are asked for none
   */
  prepare(
    method: HttpMethod,
    path: string,
    headers: Readonly<Record<string, string>>,
    query?: Readonly<Record<string, string>>,
  ): Promise<{ url: URL; headers: Record<string, string> }>;
}

export interface FetchedManifest {
  readonly manifest: Manifest;
  readonly etag: string | undefined;
}

/** Where the files of one model lie. */
export class Remote {
  constructor(
    readonly address: Address,
    private readonly client: HttpClient,
  ) {}

  get url(): string {
    return this.address.url;
  }

  /**
   * @param etag of the manifest that is known
   * @throws ArtifactError where it cannot be read
   */
  async manifest(etag: string | undefined, signal: AbortSignal): Promise<FetchedManifest | 'unchanged'> {
    const answer = await this.send('GET', MANIFEST_FILE, etag === undefined ? {} : { 'if-none-match': etag }, signal);
    if (answer.status === 304 && etag !== undefined) {
      answer.body.resume();
      return 'unchanged';
    }
    if (answer.status !== 200) throw await describeRefusal(answer);
    const text = await readText(answer.body, MAX_MANIFEST_BYTES);
    return { manifest: parseManifest(text, 'the manifest'), etag: answer.headers.etag };
  }

  /** @param range first and last byte; undefined for the whole file */
  blob(file: ArtifactFile, range: readonly [number, number] | undefined, signal: AbortSignal): Promise<HttpAnswer> {
    const headers: Record<string, string> = range === undefined ? {} : { range: `bytes=${range[0]}-${range[1]}` };
    return this.send('GET', blobPath(file.sha256), headers, signal);
  }

  async send(
    method: HttpMethod,
    path: string,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
    body?: Buffer | Readable,
  ): Promise<HttpAnswer> {
    // A proxy that compresses would change lengths and ranges.
    const prepared = await this.address.prepare(method, path, { 'accept-encoding': 'identity', ...headers });
    const { followsRedirects } = this.address;
    return this.client.send({ method, ...prepared, followsRedirects, signal, ...(body === undefined ? {} : { body }) });
  }
}
