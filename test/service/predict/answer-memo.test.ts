import { expect, test } from '@jest/globals';
import { MemoryCache } from '../../../service/cache/memory-cache';
import { PredictionCache } from '../../../service/cache/prediction-cache';
import { AnswerMemo, type KeptPrediction } from '../../../service/predict/answer-memo';

const TTL_MS = 60_000;
/** More than enough for one to be remembered. */
const OFTEN = 10;

/** A memo in front of a cache that keeps the row of key 'k'. */
async function memoOfKeptRow() {
  const cache = new PredictionCache({ memory: new MemoryCache(2 ** 20) });
  const model = cache.model('m', 'digest', TTL_MS);
  const row = [{ datatype: 'FP32', shape: [1], data: Float32Array.of(1) }] as const;
  const request = { keys: ['k'], batched: true, compute: async () => row };
  await cache.resolve(model, request);
  const { kept } = await cache.resolve(model, request);
  if (kept === undefined) throw new Error('the cache has not kept the row');
  const prediction: KeptPrediction = { key: 'k', row: kept };
  return { cache, memo: new AnswerMemo(cache, model), prediction };
}

test('an answer that is asked for often is given by the text of its question', async () => {
  const { memo, prediction } = await memoOfKeptRow();
  for (let i = 0; i < OFTEN; i++) memo.offer('question', 'answer', prediction);
  expect([memo.recall('question'), memo.recall('another question')]).toEqual(['answer', undefined]);
});

test('an answer that is offered once is mostly not worth its place', async () => {
  const { memo, prediction } = await memoOfKeptRow();
  const questions = Array.from({ length: 100 }, (_, i) => `question ${i}`);
  for (const question of questions) memo.offer(question, 'answer', prediction);
  expect(questions.filter((question) => memo.recall(question) !== undefined)).toHaveLength(25);
});

test('an answer whose row was invalidated is not given', async () => {
  const { cache, memo, prediction } = await memoOfKeptRow();
  for (let i = 0; i < OFTEN; i++) memo.offer('question', 'answer', prediction);
  cache.forget({ scope: 'model', model: 'm' });
  expect(memo.recall('question')).toBeUndefined();
});

test('a question longer than 4,096 characters is not remembered', async () => {
  const { memo, prediction } = await memoOfKeptRow();
  const question = 'q'.repeat(4097);
  for (let i = 0; i < OFTEN; i++) memo.offer(question, 'answer', prediction);
  expect(memo.recall(question)).toBeUndefined();
});
