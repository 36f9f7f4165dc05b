import { type ClientRequest, Agent as HttpAgent, type IncomingMessage, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';

export interface JsonAnswer {
  readonly status: number;
  /** undefined where it is no JSON. */
  readonly body: unknown;
  readonly sizeBytes: number;
}

interface JsonRequest {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly signal: AbortSignal;
}

/**
 * Asks for JSON over connections that stay open for as long as the server lets them: `fetch` closes them after four
 * seconds, and a new one with TLS takes longer than the budget of a request. `fetch` also refuses some ports, such as
 * 6566, which is that of Feast's feature server. Redirects are not followed.
 */
export class JsonClient {
  readonly #http = new HttpAgent({ keepAlive: true });
  readonly #https = new HttpsAgent({ keepAlive: true });

  /** @throws Error where there is no whole answer before `signal` aborts */
  get(url: URL, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<JsonAnswer> {
    return this.#ask({ method: 'GET', url, headers, body: undefined, signal });
  }

  /** @param body may be sent twice @throws as {@link get} */
  post(url: URL, headers: Readonly<Record<string, string>>, body: string, signal: AbortSignal): Promise<JsonAnswer> {
    return this.#ask({ method: 'POST', url, headers, body, signal });
  }

  close(): void {
    this.#http.destroy();
    this.#https.destroy();
  }

  async #ask(request: JsonRequest): Promise<JsonAnswer> {
    try {
      const answer = await this.#send(request);
      const chunks: Buffer[] = [];
      for await (const chunk of answer) chunks.push(chunk);
      const bytes = Buffer.concat(chunks);
      return { status: answer.statusCode ?? 0, body: parsed(bytes.toString('utf8')), sizeBytes: bytes.length };
    } catch (error) {
      throw request.signal.aborted ? new Error('it does not answer in time') : error;
    }
  }

  #send(request: JsonRequest): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const outgoing = this.#open(request);
      outgoing.on('error', (error: NodeJS.ErrnoException) => {
        // The server has closed an idle connection in the same moment; the next one is another.
        if (outgoing.reusedSocket && error.code === 'ECONNRESET') this.#send(request).then(resolve, reject);
        else reject(error);
      });
      outgoing.once('response', resolve);
      outgoing.end(request.body);
    });
  }

  #open({ method, url, headers, signal }: JsonRequest): ClientRequest {
    if (url.protocol === 'https:') return requestHttps(url, { method, headers, signal, agent: this.#https });
    return requestHttp(url, { method, headers, signal, agent: this.#http });
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
