import { describe, expect, test } from '@jest/globals';
import { failureOf } from '../../../cli/batch/failure';
import {
  ArtifactError,
  BatchError,
  BatchInterruptedError,
  ConfigError,
  featuresUnavailable,
} from '../../../service/errors';

const systemError = (code: string) =>
  Object.assign(new Error(`${code}: as the system says`), { code, syscall: 'open' });

describe('a run that failed is told in a sentence, with what another try would do', () => {
  test.each([
    ['a feature store that stays away', featuresUnavailable('u', 'it is away'), 1, "the features of entity 'u' cannot"],
    ['a network', new ArtifactError('the server refuses connections', true), 1, 'the server refuses connections'],
    ['another shard that is late', new BatchInterruptedError('shard 0 is late'), 1, 'shard 0 is late'],
    ['a disk', systemError('ENOSPC'), 1, 'ENOSPC: as the system says'],
    ['a right', systemError('EACCES'), 42, 'EACCES: as the system says'],
    ['an input that is none', new BatchError('a.csv is none'), 42, 'a.csv is none'],
  ])('%s', (_, error, exitCode, sentence) => {
    expect(failureOf(error)).toEqual({ message: expect.stringContaining(sentence), exitCode });
  });

  test('but a mistake in the command or in the program is for others to tell', () => {
    expect(failureOf(new ConfigError('--workers is 0'))).toBeUndefined();
    expect(failureOf(new TypeError('undefined is not a function'))).toBeUndefined();
  });
});
