import type { Endpoint } from './endpoint';

/** What does not change from one request to the next. */
export interface RequestForm {
  readonly method: string;
  readonly contentType: string | undefined;
  /** Further header lines, `name: value`. */
  readonly headers: readonly string[];
}

/** A function that puts a path and a body into the text of an HTTP/1.1 request. */
export function requestBytes(
  { authority }: Endpoint,
  { method, contentType, headers }: RequestForm,
): (path: string, body: string | Buffer) => string | Buffer {
  const given = new Set(headers.map((line) => line.slice(0, line.indexOf(':')).trim().toLowerCase()));
  const lines = [
    ...(given.has('host') ? [] : [`host: ${authority}`]),
    ...(contentType === undefined || given.has('content-type') ? [] : [`content-type: ${contentType}`]),
    ...headers,
  ];
  const hasBody = method !== 'GET' && method !== 'HEAD';
  const end = hasBody ? '\r\ncontent-length: ' : '\r\n\r\n';
  const fixed = ` HTTP/1.1\r\n${lines.join('\r\n')}${end}`;
  return (path, body) => {
    const head = `${method} ${path}${fixed}`;
    if (!hasBody) return head;
    if (typeof body === 'string') return `${head}${Buffer.byteLength(body)}\r\n\r\n${body}`;
    return Buffer.concat([Buffer.from(`${head}${body.length}\r\n\r\n`), body]);
  };
}
