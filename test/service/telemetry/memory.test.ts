import { describe, expect, test } from '@jest/globals';
import { memoryLimits, shouldRetire } from '../../../service/telemetry/memory';

const LIMITS = { retireBytes: 800, urgentBytes: 920 };

describe('a process retires', () => {
  test.each([
    ['not while its memory is within the limit', 800, true, 0, false],
    ['beyond it when it is its turn', 801, true, 1, true],
    ['not beyond it while another replica is away', 920, false, 1, false],
    ['without asking when memory cannot wait', 921, false, 0, true],
  ])('%s', async (_, residentBytes, isTurn, asked, expected) => {
    let questions = 0;
    const takeTurn = async () => {
      questions += 1;
      return isTurn;
    };
    expect([await shouldRetire(residentBytes, LIMITS, takeTurn), questions]).toEqual([expected, asked]);
  });
});

test('a limit that was chosen is taken as it is, with room above it for the wait', () => {
  expect(memoryLimits(800, 0.1)).toEqual({ retireBytes: 800 * 2 ** 20, urgentBytes: 920 * 2 ** 20 });
});
