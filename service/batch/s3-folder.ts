import { normaliseUrl } from '../../lib/spec/model-url';
import type { OutputFolder } from './output-folder';
import type { S3Bucket } from './s3-bucket';

/** A prefix in a bucket. */
export class S3Folder implements OutputFolder {
  readonly #prefix: string;

  /** @param prefix without a slash at its end; the empty one is the bucket itself */
  constructor(
    private readonly bucket: S3Bucket,
    prefix: string,
  ) {
    this.#prefix = prefix === '' ? '' : `${prefix}/`;
  }

  shown(name = ''): string {
    return normaliseUrl(this.bucket.urlOf(`${this.#prefix}${name}`));
  }

  async names(): Promise<ReadonlySet<string>> {
    const objects = await this.bucket.list(this.#prefix, 'all');
    return new Set(objects.map(({ key }) => key.slice(this.#prefix.length)));
  }

  read(name: string): Promise<Buffer | undefined> {
    return this.bucket.readAll(`${this.#prefix}${name}`);
  }

  writeOnce(name: string, content: Uint8Array): Promise<boolean> {
    return this.bucket.writeOnce(`${this.#prefix}${name}`, content);
  }

  replace(name: string, content: Uint8Array): Promise<void> {
    return this.bucket.replace(`${this.#prefix}${name}`, content);
  }

  /** Uploads that were not put together are no objects; the bucket's lifecycle rules end them. */
  async tidy(): Promise<void> {}
}
