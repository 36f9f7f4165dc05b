import { expect, test } from '@jest/globals';
import { prepareTarget } from '../../../../cli/load/targets/prepared-target';
import type { ServiceAnswer } from '../../../../cli/service-client';

const EXAMPLE = {
  model: undefined,
  path: '/v1/models/m/entities/user_1',
  contentType: undefined,
  body: '',
  slo: undefined,
};
const ENDPOINT = { host: '127.0.0.1', port: 80, secure: false, authority: '127.0.0.1' };
const BUSY = answer(503, { error: 'the queue is full' });

function answer(status: number, json: unknown): ServiceAnswer {
  return { status, headers: new Headers(), text: JSON.stringify(json), json };
}

/** A service that gives these answers, one after the other, and the last for ever. */
function prepare(answers: readonly ServiceAnswer[]) {
  let asked = 0;
  const ask = async () => answers[Math.min(asked++, answers.length - 1)] ?? BUSY;
  return prepareTarget(EXAMPLE, ask, ENDPOINT, { headers: [], gzip: false });
}

test('a service that refuses for the moment is asked again', async () => {
  const target = await prepare([BUSY, BUSY, answer(200, { predictions: [] })]);
  expect(target.path).toBe(EXAMPLE.path);
});

test('a service that goes on refusing is told of in its own words', async () => {
  await expect(prepare([BUSY])).rejects.toThrow(
    '/v1/models/m/entities/user_1 answers the first request with 503: the queue is full',
  );
});
