import { Agent as HttpAgent, type IncomingHttpHeaders, type IncomingMessage, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { pipeline, type Readable } from 'node:stream';
import { codeOf } from '../../../lib/spec/code-of';
import { ArtifactError, RefusalError } from '../../errors';
import { reasonOf } from '../reason';

export type HttpMethod = 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';

export interface HttpRequest {
  readonly method: HttpMethod;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Readable | Buffer;
  /** Whether the server may send elsewhere; a signature holds for one address only. */
  readonly followsRedirects: boolean;
  readonly signal: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Must be read to its end or destroyed. Fails with an ArtifactError where the server stalls or breaks off. */
  readonly body: IncomingMessage;
}

const MAX_REDIRECTS = 5;

/** How long a server may send nothing before another try is more promising. */
const DEFAULT_IDLE_TIMEOUT_MS = 15_000;

/** What another try may change: the network and the server's state, but not names, certificates or our own limits. */
const TRANSIENT = new Map([
  ['ECONNREFUSED', 'the server refuses connections'],
  ['ECONNRESET', 'the server closed the connection'],
  ['EPIPE', 'the server closed the connection'],
  ['ETIMEDOUT', 'the server does not answer'],
  ['EHOSTUNREACH', 'the server cannot be reached'],
  ['ENETUNREACH', 'the network cannot be reached'],
  ['EAI_AGAIN', 'the name of the server cannot be looked up'],
]);

/** HTTP and HTTPS with connections kept open, redirects, and an end to waiting for servers that stall. */
export class HttpClient {
  readonly #http = new HttpAgent({ keepAlive: true });

  /** @param https brings the certificates that are trusted; the default trusts what Node does, NODE_EXTRA_CA_CERTS too */
  constructor(
    private readonly https: HttpsAgent = new HttpsAgent({ keepAlive: true }),
    private readonly idleTimeoutMs = DEFAULT_IDLE_TIMEOUT_MS,
  ) {}

  /** @throws ArtifactError where there is no answer; an answer of any status is returned */
  async send(request: HttpRequest): Promise<HttpAnswer> {
    let { url } = request;
    for (let redirects = 0; ; redirects++) {
      const body = await this.#sendOnce({ ...request, url });
      const status = body.statusCode ?? 0;
      const { location } = body.headers;
      const isRedirect = status >= 301 && status <= 308 && status !== 304 && location !== undefined;
      if (!isRedirect || !request.followsRedirects) return { status, headers: body.headers, body };
      body.destroy();
      if (redirects === MAX_REDIRECTS) throw new ArtifactError(`the server redirects more than ${MAX_REDIRECTS} times`);
      const next = new URL(location, url);
      if (url.protocol === 'https:' && next.protocol !== 'https:') {
        throw new ArtifactError(`the server redirects to the unprotected ${next.origin}`);
      }
      url = next;
    }
  }

  close(): void {
    this.#http.destroy();
    this.https.destroy();
  }

  #sendOnce({ method, url, headers, body, signal }: HttpRequest): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const isHttps = url.protocol === 'https:';
      const options = { method, headers, signal, agent: isHttps ? this.https : this.#http };
      const outgoing = isHttps ? requestHttps(url, options) : requestHttp(url, options);
      let answer: IncomingMessage | undefined;
      outgoing.setTimeout(this.idleTimeoutMs, () => {
        (answer ?? outgoing).destroy(new ArtifactError(`the server sent nothing for ${this.idleTimeoutMs} ms`, true));
      });
      outgoing.on('error', (error) => reject(describeFailure(error)));
      outgoing.once('response', (incoming) => {
        answer = incoming;
        resolve(incoming);
      });
      if (body === undefined || Buffer.isBuffer(body)) {
        outgoing.end(body);
      } else {
        // Whichever of them fails ends the other: a file that nobody sends any more would stay open.
        pipeline(body, outgoing, (error) => error && reject(describeFailure(error)));
      }
    });
  }
}

/** An error of a connection, before or within the answer, as one clause. */
export function describeFailure(error: unknown): ArtifactError {
  if (error instanceof ArtifactError) return error;
  const code = codeOf(error);
  if (code === 'ENOTFOUND') return new ArtifactError('the name of the server is unknown');
  const known = TRANSIENT.get(code);
  return new ArtifactError(known ?? reasonOf(error), known !== undefined);
}

/** What follows from an answer that is not the one wanted: the server's own words, where it has any. */
export async function describeRefusal({ status, headers, body }: HttpAnswer): Promise<RefusalError> {
  const text = await readText(body, 4096).catch(() => '');
  const code = /<Code>([^<]{1,100})<\/Code>/.exec(text)?.[1];
  const message = /<Message>([^<]{1,300})<\/Message>/.exec(text)?.[1];
  const region = headers['x-amz-bucket-region'];
  const words = [code, message].filter((part) => part !== undefined).join(': ') || body.statusMessage || '';
  const hint =
    (status === 301 || status === 400) && region !== undefined ? `; the bucket is in ${region}, set AWS_REGION` : '';
  const isTransient = status === 408 || status === 429 || status >= 500;
  return new RefusalError(`the server answers ${status}${words === '' ? '' : ` (${words})`}${hint}`, isTransient, code);
}

/**
 * The rest of an answer as text.
 * @throws ArtifactError where it is longer than `maxBytes` or breaks off
 */
export async function readText(body: IncomingMessage, maxBytes: number): Promise<string> {
  return (await readBytes(body, maxBytes)).toString('utf8');
}

/**
 * The rest of an answer.
 * @throws ArtifactError where it is longer than `maxBytes` or breaks off
 */
export async function readBytes(body: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  try {
    for await (const chunk of body) {
      sizeBytes += chunk.length;
      if (sizeBytes > maxBytes) throw new ArtifactError(`the server sends more than ${maxBytes} bytes`);
      chunks.push(chunk);
    }
  } catch (error) {
    throw describeFailure(error);
  }
  return Buffer.concat(chunks);
}
