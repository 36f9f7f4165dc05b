import { ask, type ServiceAnswer } from '../../service-client';

/** Asks a service something before it is loaded. @throws UsageError where nobody answers there */
export type Ask = (path: string, question?: Question) => Promise<ServiceAnswer>;

/** What is asked, by GET where no method is given. */
export interface Question {
  readonly method?: string | undefined;
  readonly contentType?: string | undefined;
  readonly body?: string | Buffer | undefined;
}

/** What questions have in common with the load. */
export interface AskOptions {
  /** Lines such as `x-api-key: …`. */
  readonly headers: readonly string[];
  readonly timeoutMs: number;
  /** Ends the waiting. */
  readonly signal: AbortSignal;
}

/** Questions to a service, with the headers of the load and no more patience than it has. */
export function asker(baseUrl: string, { headers, timeoutMs, signal }: AskOptions): Ask {
  return (path, { method = 'GET', contentType, body } = {}) =>
    ask('the URL', baseUrl, path, {
      method,
      headers: headersOf(headers, contentType),
      // The load does not follow redirects, so it must not begin with one.
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      ...(body === undefined ? {} : { body }),
    });
}

/** A content type that is given goes before that of the example, as in the load. */
function headersOf(lines: readonly string[], contentType: string | undefined): Headers {
  const headers = new Headers();
  for (const line of lines) {
    const colon = line.indexOf(':');
    headers.append(line.slice(0, colon).trim(), line.slice(colon + 1).trim());
  }
  if (contentType !== undefined && !headers.has('content-type')) headers.set('content-type', contentType);
  return headers;
}
