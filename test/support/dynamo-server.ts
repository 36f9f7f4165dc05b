import { type ChildProcess, spawn } from 'node:child_process';
import { createServer, request as forward, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { AwsClient } from 'aws4fetch';

export const AWS_KEYS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'only-for-tests' };

const REGION = 'eu-west-1';

/** What stands in front of the server does with a request instead of passing it on. */
export type DynamoBehaviour = 'answer' | 'stall' | 'throttle' | 'break' | 'html';

/** A real server of DynamoDB, dynalite, behind a proxy that can be told to misbehave. */
export class DynamoServer {
  behaviour: DynamoBehaviour = 'answer';
  /** After so many requests, but for those that look whether it is there, it behaves again. */
  misbehavesFor = Number.POSITIVE_INFINITY;
  /** Of each request so many keys are read, and the others are given back unread. */
  keysPerRead = Number.POSITIVE_INFINITY;
  /** How many keys each of these requests asked for. */
  readonly asked: number[] = [];
  readonly #proxy: Server;

  private constructor(
    private readonly child: ChildProcess,
    private readonly port: number,
  ) {
    this.#proxy = createServer((request, response) => void this.#handle(request, response));
  }

  static async start(): Promise<DynamoServer> {
    const dynalite = createRequire(__filename).resolve('dynalite');
    const script = `const server = require(${JSON.stringify(dynalite)})({ createTableMs: 0 });
      server.listen(0, '127.0.0.1', () => console.log(server.address().port));`;
    const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const port = await new Promise<number>((resolve, reject) => {
      child.stdout.once('data', (chunk: Buffer) => resolve(Number(chunk.toString())));
      child.once('exit', (code) => reject(new Error(`dynalite ended with code ${code}`)));
    });
    const server = new DynamoServer(child, port);
    await new Promise<void>((resolve) => server.#proxy.listen(0, '127.0.0.1', resolve));
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#proxy.address() as AddressInfo).port}`;
  }

  /** A table with a text as its partition key, of one name, and no sort key. */
  async createTable(name: string, key: string): Promise<void> {
    await this.#call('CreateTable', {
      TableName: name,
      AttributeDefinitions: [{ AttributeName: key, AttributeType: 'S' }],
      KeySchema: [{ AttributeName: key, KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
    });
    while (!(await this.#call('DescribeTable', { TableName: name })).includes('"ACTIVE"')) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** @param item attributes as DynamoDB writes them, such as `{"age": {"N": "30"}}` */
  async put(table: string, item: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#call('PutItem', { TableName: table, Item: item });
  }

  async stop(): Promise<void> {
    this.#proxy.closeAllConnections();
    await new Promise((resolve) => this.#proxy.close(resolve));
    const exited = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill();
    await exited;
  }

  async #call(operation: string, body: unknown): Promise<string> {
    const client = new AwsClient({ ...AWS_KEYS, service: 'dynamodb', region: REGION, retries: 0 });
    const response = await client.fetch(`http://127.0.0.1:${this.port}/`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `DynamoDB_20120810.${operation}` },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(text);
    return text;
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    for await (const chunk of request) text += chunk;
    const { RequestItems: tables } = JSON.parse(text);
    const [[table, wanted]] = Object.entries<{ Keys: unknown[] }>(tables) as [[string, { Keys: unknown[] }]];
    const behaviour = this.misbehavesFor > 0 ? this.behaviour : 'answer';
    // Stores look whether it is there when they like to, that of an earlier test, too.
    if (!text.includes('"probe"')) {
      this.asked.push(wanted.Keys.length);
      this.misbehavesFor--;
    }
    const type = { 'content-type': 'application/x-amz-json-1.0' };
    if (behaviour === 'stall') return;
    if (behaviour === 'html') response.end('<html>welcome</html>');
    else if (behaviour === 'break') response.writeHead(500, type).end('{"__type":"x#InternalServerError"}');
    else if (behaviour === 'throttle') {
      response.writeHead(400, type).end('{"__type":"x#ProvisionedThroughputExceededException"}');
    } else {
      const leftOver = wanted.Keys.slice(this.keysPerRead);
      if (leftOver.length === 0) this.#passOn(request, response, text);
      else response.writeHead(200, type).end(await this.#readSome(table, wanted, leftOver));
    }
  }

  /** As it came, with its signature. */
  #passOn({ headers }: IncomingMessage, response: ServerResponse, text: string): void {
    const upstream = forward({ host: '127.0.0.1', port: this.port, method: 'POST', headers, agent: false });
    upstream.on('error', () => response.destroy());
    upstream.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 0, answer.headers);
      answer.pipe(response);
    });
    upstream.end(text);
  }

  async #readSome(table: string, wanted: { Keys: unknown[] }, leftOver: readonly unknown[]): Promise<string> {
    const some = { ...wanted, Keys: wanted.Keys.slice(0, this.keysPerRead) };
    const answer = JSON.parse(await this.#call('BatchGetItem', { RequestItems: { [table]: some } }));
    return JSON.stringify({ ...answer, UnprocessedKeys: { [table]: { ...wanted, Keys: leftOver } } });
  }
}
