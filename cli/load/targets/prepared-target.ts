import { gzipSync } from 'node:zlib';
import { ExponentialBackoff, handleWhenResult, retry } from 'cockatiel';
import { keyword } from '../../../lib/spec/describe';
import type { Slo } from '../../../lib/spec/use-cases';
import { UsageError } from '../../errors';
import { type ServiceAnswer, sentenceOf } from '../../service-client';
import type { Endpoint } from '../http/endpoint';
import { type RequestForm, requestBytes } from '../http/request-bytes';
import { KEY_PLACE } from '../inputs/inputs';
import { type InputSource, variedInputs } from '../inputs/varied-inputs';
import type { Ask } from './asker';
import { type Example, type ServedVersion, servedVersion } from './example';

/** How requests are sent, whatever they ask. */
export interface RequestOptions {
  /** Further header lines, `name: value`. */
  readonly headers: readonly string[];
  /** Whether bodies are compressed, and compressed answers welcome. */
  readonly gzip: boolean;
}

/** One thing that is asked, known to be answered. */
export interface PreparedTarget extends ServedVersion {
  /** The model, or the path where it is no model's. */
  readonly name: string;
  readonly model: string | undefined;
  readonly path: string;
  readonly slo: Slo | undefined;
  /** How long the first request took. */
  readonly firstAnswerSeconds: number;
  /** Requests of so many rows each; undefined where one holds a single row. */
  requests(rows: number): KeyedRequests | undefined;
}

/** Whole requests that differ in what they ask. */
export interface KeyedRequests {
  /** Keys from 0 to this ask for different things; larger ones repeat them. */
  readonly distinct: number;
  /** See Inputs. */
  readonly showsKey: boolean;
  bytes(key: number): string | Buffer;
}

/** A service that is cold or busy refuses what it cannot answer in time, for the moment. */
const REFUSALS: readonly unknown[] = [429, 503];
const PATIENCE = retry(
  handleWhenResult((answer) => REFUSALS.includes(keyword(answer, 'status'))),
  { maxAttempts: 3, backoff: new ExponentialBackoff({ initialDelay: 200, maxDelay: 2000 }) },
);

/** Sends an example and finds out how it may vary. @throws UsageError where it is not answered with 2xx */
export async function prepareTarget(
  { model, path, contentType, body, slo }: Example,
  ask: Ask,
  endpoint: Endpoint,
  { headers, gzip }: RequestOptions,
): Promise<PreparedTarget> {
  const method = contentType === undefined ? 'GET' : 'POST';
  const name = model ?? path;
  const send = (text: string | Buffer): Promise<ServiceAnswer> =>
    PATIENCE.execute(() =>
      ask(path.replaceAll(KEY_PLACE, '0'), {
        method,
        contentType,
        body:
          method === 'GET'
            ? undefined
            : text.toString().includes(KEY_PLACE)
              ? text.toString().replaceAll(KEY_PLACE, '0')
              : text,
      }),
    );
  const askedMs = performance.now();
  const answer = await send(body);
  const firstAnswerSeconds = (performance.now() - askedMs) / 1000;
  if (answer.status < 200 || answer.status >= 300) {
    throw new UsageError(`${name} answers the first request with ${answer.status}: ${reasonOf(answer)}`);
  }
  const source = await variedInputs(body, contentType, async (varied) => (await send(varied)).status === 200);
  return {
    name,
    model,
    path,
    slo,
    firstAnswerSeconds,
    ...(model === undefined ? { digest: undefined, settings: undefined } : await servedVersion(ask, model)),
    requests: keyedRequests(source, path, endpoint, { method, contentType, headers }, gzip),
  };
}

function reasonOf({ headers, json }: ServiceAnswer): string {
  const location = headers.get('location');
  return location === null ? sentenceOf(json) : `it redirects to ${location}, which can be given in its place`;
}

function keyedRequests(
  source: InputSource,
  path: string,
  endpoint: Endpoint,
  form: RequestForm,
  gzip: boolean,
): PreparedTarget['requests'] {
  const hasBody = form.method !== 'GET';
  const compression = gzip ? ['accept-encoding: gzip', ...(hasBody ? ['content-encoding: gzip'] : [])] : [];
  const bytes = requestBytes(endpoint, { ...form, headers: [...form.headers, ...compression] });
  const pathParts = path.split(KEY_PLACE);
  const encoded = (body: string | Buffer) => (gzip && hasBody ? gzipSync(body) : body);
  return (rows) => {
    const inputs = source.inputs(rows);
    return (
      inputs && {
        distinct: pathParts.length > 1 ? Number.MAX_SAFE_INTEGER : inputs.distinct,
        showsKey: pathParts.length > 1 || inputs.showsKey,
        bytes: (key) => bytes(pathParts.length > 1 ? pathParts.join(String(key)) : path, encoded(inputs.body(key))),
      }
    );
  };
}
