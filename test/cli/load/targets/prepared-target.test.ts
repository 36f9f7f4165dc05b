import { describe, expect, test } from '@jest/globals';
import type { Example } from '../../../../cli/load/targets/example';
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
function prepare(answers: readonly ServiceAnswer[], example: Example = EXAMPLE) {
  let asked = 0;
  const ask = async () => answers[Math.min(asked++, answers.length - 1)] ?? BUSY;
  return prepareTarget(example, ask, ENDPOINT, { headers: [], gzip: false });
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

describe('what a service tells of the model that it serves', () => {
  const told = async (parameters: object) => {
    const { digest, settings } = await prepare([answer(200, { parameters })], { ...EXAMPLE, model: 'm' });
    return { digest, settings };
  };

  test('is its digest, and what its runs are given', async () => {
    const parameters = { sha256: 'abc', intra_op_threads: 4, execution_mode: 'parallel', max_batch: 32 };
    expect(await told(parameters)).toEqual({
      digest: 'abc',
      settings: { intraOpThreads: 4, executionMode: 'parallel', maxBatch: 32 },
    });
  });

  test('may be no bound of its batches', async () => {
    const { settings } = await told({ intra_op_threads: 1, execution_mode: 'sequential' });
    expect(settings).toEqual({ intraOpThreads: 1, executionMode: 'sequential' });
  });

  test('is nothing for another server', async () => {
    expect(await told({})).toEqual({ digest: undefined, settings: undefined });
  });
});
