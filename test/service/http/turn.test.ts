import { beforeEach, describe, expect, jest, test } from '@jest/globals';

/** A fresh module, which has seen no turn yet. */
let isAloneInTurn: () => true | Promise<boolean>;

beforeEach(async () => {
  jest.resetModules();
  ({ isAloneInTurn } = await import('../../../service/http/turn'));
});

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

async function loneTurns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    isAloneInTurn();
    await nextTurn();
  }
}

describe('requests of one turn', () => {
  test('are told that they are not alone', async () => {
    const answers = [isAloneInTurn(), isAloneInTurn()];
    expect(await Promise.all(answers)).toEqual([false, false]);
  });

  test('do not count for the turn after', async () => {
    // GIVEN a turn of two
    await Promise.all([isAloneInTurn(), isAloneInTurn()]);
    // WHEN a single one comes in the next, THEN it is alone
    expect(await isAloneInTurn()).toBe(true);
  });
});

describe('where requests come one by one', () => {
  test('the first ones wait for the end of their turn', async () => {
    await loneTurns(7);
    expect(isAloneInTurn()).toBeInstanceOf(Promise);
  });

  test('the ninth does not wait', async () => {
    await loneTurns(8);
    expect(isAloneInTurn()).toBe(true);
  });

  test('a second one of a turn still waits, and knows of the first', async () => {
    await loneTurns(8);
    isAloneInTurn();
    expect(await isAloneInTurn()).toBe(false);
  });

  test('one turn of two makes the next wait again', async () => {
    await loneTurns(8);
    isAloneInTurn();
    isAloneInTurn();
    await nextTurn();
    expect(isAloneInTurn()).toBeInstanceOf(Promise);
  });
});
