import { readFileSync } from 'node:fs';
import { fileProblem } from '../lib/spec/file-problem';
import { connectionProblem } from './connection-problem';
import { UsageError } from './errors';

/** An answer of the service: its JSON, and how the prediction cache took part. */
export interface ServiceAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The text as JSON; undefined where it is none. */
  readonly json: unknown;
}

/**
 * Sends a request to a running service.
 *
 * @param flag that gave the address
 * @throws UsageError where nobody answers there
 */
export async function ask(flag: string, baseUrl: string, path: string, init?: RequestInit): Promise<ServiceAnswer> {
  try {
    const response = await fetch(new URL(path, baseUrl), init);
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, json: parsed(text) };
  } catch (error) {
    throw new UsageError(`${flag} is '${baseUrl}', where no service answers: ${connectionProblem(error)}`);
  }
}

/** The JSON of an answer. @throws UsageError with the service's own sentence, unless it answered 200 */
export function expectOk(answer: ServiceAnswer): unknown {
  expectText(answer);
  return answer.json;
}

/** The text of an answer; errors as {@link expectOk}. */
export function expectText({ status, json, text }: ServiceAnswer): string {
  if (status === 200) return text;
  throw new UsageError(`the service refuses with ${status}: ${sentenceOf(json)}`);
}

/** The sentence of an error answer. */
export function sentenceOf(json: unknown): string {
  const isError = typeof json === 'object' && json !== null && 'error' in json && typeof json.error === 'string';
  return isError ? String(json.error) : 'it gives no reason';
}

/** @param flag that named the file @throws UsageError where it cannot be read */
export function readText(flag: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`${flag} is '${path}', which cannot be read: ${fileProblem(error)}`);
  }
}

/** A body with `instances` is for `:predict`, any other for `infer`. */
export function predictionPath(model: string, body: string): string {
  const value = parsed(body);
  const hasInstances = typeof value === 'object' && value !== null && 'instances' in value;
  const name = encodeURIComponent(model);
  return hasInstances ? `/v1/models/${name}:predict` : `/v2/models/${name}/infer`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
