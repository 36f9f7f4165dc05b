import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AwsClient } from 'aws4fetch';

/** Those that the server knows from the start. */
const KEY = 'S3RVER';
const REGION = 'eu-west-1';

/** A real server of S3's API, with a folder and a port of its own. */
export class S3Server {
  private constructor(
    private readonly child: ChildProcess,
    private readonly directory: string,
    /** What leads the service, and its commands, to this server. */
    readonly environment: Readonly<Record<string, string>>,
  ) {}

  static async start(...buckets: string[]): Promise<S3Server> {
    const directory = mkdtempSync(join(tmpdir(), 'headroom-s3-'));
    const argv = [join(__dirname, 's3rver-process.cjs'), directory, ...buckets];
    const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
    const port = await new Promise<string>((resolve, reject) => {
      child.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString().trim()));
      child.once('exit', (code) => reject(new Error(`the S3 server ended with ${code}`)));
    });
    return new S3Server(child, directory, {
      AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${port}`,
      AWS_ACCESS_KEY_ID: KEY,
      AWS_SECRET_ACCESS_KEY: KEY,
      AWS_REGION: REGION,
    });
  }

  async put(bucket: string, key: string, body: string): Promise<void> {
    const answer = await this.#fetch(bucket, key, { method: 'PUT', body });
    if (!answer.ok) throw new Error(await answer.text());
  }

  async get(bucket: string, key: string): Promise<string> {
    const answer = await this.#fetch(bucket, key, {});
    if (!answer.ok) throw new Error(await answer.text());
    return answer.text();
  }

  #fetch(bucket: string, key: string, init: RequestInit): Promise<Response> {
    const client = new AwsClient({ accessKeyId: KEY, secretAccessKey: KEY, service: 's3', region: REGION });
    return client.fetch(`${this.environment.AWS_ENDPOINT_URL_S3}/${bucket}/${key}`, init);
  }

  /** Keys of a bucket, as they lie on the disk of the server. */
  keys(bucket: string): string[] {
    const end = '._S3rver_object';
    return readdirSync(join(this.directory, bucket), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith(end))
      .map((name) => name.slice(0, -end.length))
      .sort();
  }

  remove(bucket: string, key: string): void {
    for (const part of ['object', 'metadata.json', 'object.md5']) {
      rmSync(join(this.directory, bucket, `${key}._S3rver_${part}`), { force: true });
    }
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill();
    await ended;
    rmSync(this.directory, { recursive: true, force: true });
  }
}
