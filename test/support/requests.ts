import { HEADERS } from '../../lib/contract';

/** An answer with its body read. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON; undefined where it is none. */
  readonly json: unknown;
}

/** Longer than any machine is held up: what is refused then is not refused for want of time. */
const PATIENCE_MS = 60_000;

/** Sends a request and reads the whole answer; unless told otherwise, it waits longer than a model's SLO allows. */
export async function send(url: string, init?: RequestInit): Promise<Answer> {
  const headers = new Headers(init?.headers);
  if (!headers.has(HEADERS.requestTimeoutMs)) headers.set(HEADERS.requestTimeoutMs, String(PATIENCE_MS));
  const response = await fetch(url, { ...init, headers });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: parsed(text) };
}

/** POSTs a value as JSON, or text and bytes as they are. */
export function post(
  url: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = { 'content-type': 'application/json' },
): Promise<Answer> {
  const raw = typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body);
  return send(url, { method: 'POST', headers, body: typeof raw === 'string' ? raw : new Blob([new Uint8Array(raw)]) });
}

/** The sentence of an error answer, or undefined where the body is not `{"error": "…"}` and nothing else. */
export function errorOf({ json }: Answer): string | undefined {
  if (typeof json !== 'object' || json === null || Object.keys(json).join() !== 'error') return undefined;
  return 'error' in json && typeof json.error === 'string' ? json.error : undefined;
}

/** Longer than anything takes, also on a machine that does much else; shorter than a test may take. */
const GIVE_UP_AFTER_MS = 120_000;

/** Asks again and again until the answer is as wanted. @throws Error with the last answer where it never is */
export async function eventually<T>(ask: () => Promise<T>, wanted: (answer: T) => boolean): Promise<T> {
  const untilMs = Date.now() + GIVE_UP_AFTER_MS;
  for (;;) {
    const answer = await ask();
    if (wanted(answer)) return answer;
    if (Date.now() > untilMs) throw new Error(`not within ${GIVE_UP_AFTER_MS} ms; last: ${JSON.stringify(answer)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
