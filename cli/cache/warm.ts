import { HEADERS } from '../../lib/contract';
import { EXIT, UsageError } from '../errors';
import { ask, predictionPath, readText, sentenceOf } from '../service-client';

interface Flags {
  readonly requests: string;
  readonly url: string;
  readonly concurrency: string;
  readonly json?: true;
}

interface Outcome {
  /** Requests by how the cache took part, as the service tells it. */
  readonly answered: Record<string, number>;
  readonly failed: { readonly line: number; readonly reason: string }[];
}

const MAX_CONCURRENCY = 1000;
/** Enough to see what is wrong. */
const MAX_TOLD_FAILURES = 5;

/** `headroom cache warm` */
export async function warm(model: string, { requests, url, concurrency, json }: Flags): Promise<void> {
  const lanes = Number(concurrency);
  if (!Number.isInteger(lanes) || lanes < 1 || lanes > MAX_CONCURRENCY) {
    throw new UsageError(`--concurrency is '${concurrency}', but must be a whole number from 1 to ${MAX_CONCURRENCY}`);
  }
  const bodies = readText('--requests', requests)
    .split('\n')
    .map((body, i) => ({ body, line: i + 1 }))
    .filter(({ body }) => body.trim() !== '');
  if (bodies.length === 0) throw new UsageError(`--requests is '${requests}', which holds no request`);
  const outcome = await sendAll(model, url, bodies, lanes);
  process.stdout.write(json ? `${JSON.stringify(outcome)}\n` : asText(requests, outcome));
  if (outcome.failed.length > 0) process.exitCode = EXIT.failedVerdict;
}

async function sendAll(
  model: string,
  url: string,
  bodies: readonly { readonly body: string; readonly line: number }[],
  lanes: number,
): Promise<Outcome> {
  const outcome: Outcome = { answered: {}, failed: [] };
  const queue = bodies.values();
  const lane = async (): Promise<void> => {
    // One iterator for all lanes: each takes the next request.
    for (const { body, line } of queue) {
      const answer = await ask('--url', url, predictionPath(model, body), {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json' },
      });
      if (answer.status !== 200) {
        outcome.failed.push({ line, reason: `${answer.status}: ${sentenceOf(answer.json)}` });
        continue;
      }
      const part = answer.headers.get(HEADERS.cache) ?? 'off';
      outcome.answered[part] = (outcome.answered[part] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return outcome;
}

function asText(requests: string, { answered, failed }: Outcome): string {
  const of = (part: string) => answered[part] ?? 0;
  const lines = [`now cached: ${of('miss') + of('partial')}, were cached before: ${of('hit')}`];
  if (of('off') > 0) lines.push(`not cached: ${of('off')}, because the service does not cache this model`);
  if (failed.length > 0) lines.push(`failed: ${failed.length}`);
  for (const { line, reason } of failed.slice(0, MAX_TOLD_FAILURES)) lines.push(`  ${requests}:${line}: ${reason}`);
  return `${lines.join('\n')}\n`;
}
