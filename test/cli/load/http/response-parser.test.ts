import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type ParsedResponse, ResponseParser } from '../../../../cli/load/http/response-parser';

const BODY = '{"predictions":[{"score":0.25}]}';
const SIZED = `HTTP/1.1 200 OK\r\nContent-Length: ${BODY.length}\r\nX-Headroom-Cache: hit\r\n\r\n${BODY}`;
const CHUNKED = `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n${BODY.slice(0, 5)}\r\n${(BODY.length - 5).toString(16)};x=1\r\n${BODY.slice(5)}\r\n0\r\ntrailer: yes\r\n\r\n`;
const EMPTY = 'HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n';
const INTERIM = `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n`;

/** Feeds texts in pieces that are cut at the given places. */
function parse(texts: readonly string[], cuts: readonly number[]): ParsedResponse[] {
  const parser = new ResponseParser();
  const found: ParsedResponse[] = [];
  for (const text of texts) {
    // A connection carries one request at a time, so that no segment holds the ends of two.
    const places = [0, ...[...new Set(cuts.map((cut) => cut % text.length))].sort((a, b) => a - b), text.length];
    for (const [i, place] of places.entries()) {
      const piece = text.slice(places[i - 1] ?? 0, place);
      const response = piece === '' ? undefined : parser.push(Buffer.from(piece, 'latin1'));
      if (response !== undefined) found.push(response);
    }
  }
  return found;
}

describe('responses', () => {
  test('are found wherever their bytes are cut', () => {
    const response = fc.constantFrom(SIZED, CHUNKED, INTERIM, EMPTY);
    fc.assert(
      fc.property(
        fc.array(response, { minLength: 1, maxLength: 4 }),
        fc.array(fc.nat(), { maxLength: 12 }),
        (texts, cuts) => {
          const statuses = parse(texts, cuts).map(({ status }) => status);
          expect(statuses).toEqual(texts.map((text) => (text === EMPTY ? 204 : text === INTERIM ? 503 : 200)));
        },
      ),
    );
  });

  test('tell whether the connection may be used again', () => {
    expect(parse([SIZED, EMPTY], []).map(({ keepAlive }) => keepAlive)).toEqual([true, false]);
  });

  test('carry their headers', () => {
    expect(parse([SIZED], [])[0]?.head).toContain('X-Headroom-Cache: hit');
  });

  test('without a length end with the connection', () => {
    const parser = new ResponseParser();
    expect(parser.push(Buffer.from('HTTP/1.1 200 OK\r\n\r\nsome'))).toBeUndefined();
    expect(parser.push(Buffer.from(' more'))).toBeUndefined();
    expect(parser.end()).toMatchObject({ status: 200, keepAlive: false });
  });

  test('that end in the middle are no responses', () => {
    const parser = new ResponseParser();
    parser.push(Buffer.from(SIZED.slice(0, -1)));
    expect(parser.end()).toBeUndefined();
  });

  test.each([
    ['another protocol', 'SSH-2.0-OpenSSH_9.6\r\n\r\n', /expected an HTTP\/1\.1 response, found 'SSH-2\.0/],
    [
      'a chunk without a size',
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n',
      /size of a chunk is 'zz'/,
    ],
    ['more than was asked for', `${SIZED}HTTP/1.1`, /more than was asked for/],
  ])('%s is a mistake of the server', (_, text, message) => {
    expect(() => new ResponseParser().push(Buffer.from(text))).toThrow(message);
  });
});
