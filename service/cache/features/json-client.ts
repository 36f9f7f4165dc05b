import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';

export interface JsonAnswer {
  readonly status: number;
  /** undefined where it is no JSON. */
  readonly body: unknown;
  readonly sizeBytes: number;
}

/**
 * Posts JSON over connections that stay open for as long as the server lets them: `fetch` closes them after four
 * seconds, and a new one with TLS takes longer than the budget of a request.
 */
export class JsonClient {
  readonly #http = new HttpAgent({ keepAlive: true });
  readonly #https = new HttpsAgent({ keepAlive: true });

  /** @throws Error where there is no whole answer before `signal` aborts */
  async post(
    url: URL,
    headers: Readonly<Record<string, string>>,
    body: string,
    signal: AbortSignal,
  ): Promise<JsonAnswer> {
    const answer = await this.#send(url, headers, body, signal);
    const chunks: Buffer[] = [];
    for await (const chunk of answer) chunks.push(chunk);
    const bytes = Buffer.concat(chunks);
    return { status: answer.statusCode ?? 0, body: parsed(bytes.toString('utf8')), sizeBytes: bytes.length };
  }

  close(): void {
    this.#http.destroy();
    this.#https.destroy();
  }

  #send(
    url: URL,
    headers: Readonly<Record<string, string>>,
    body: string,
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const isHttps = url.protocol === 'https:';
      const options = { method: 'POST', headers, signal, agent: isHttps ? this.#https : this.#http };
      const request = isHttps ? requestHttps(url, options) : requestHttp(url, options);
      request.on('error', reject);
      request.once('response', resolve);
      request.end(body);
    });
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
