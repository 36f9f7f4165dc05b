import { expect, test } from '@jest/globals';
import { findExamples } from '../../../../cli/load/targets/find-examples';

test('a mistyped --model is told which one is meant', async () => {
  // GIVEN a service with two models
  const index = ['fraud-detection', 'search-ranking'].map((name) => ({ name, version: '1', state: 'READY' }));
  const ask = async () => ({ status: 200, headers: new Headers(), text: '', json: index });

  // WHEN
  const examples = findExamples(new URL('http://127.0.0.1:8000'), ask, {
    spec: undefined,
    local: undefined,
    models: ['fraud-detecton'],
    bodyFile: undefined,
  });

  // THEN
  await expect(examples).rejects.toThrow(
    "--model is 'fraud-detecton', but the service has fraud-detection, search-ranking (did you mean fraud-detection?)",
  );
});
