import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Fifo } from '../../../service/runtime/fifo';

test('gives items in the order they came, and keeps those that pass, like a plain array', () => {
  const step = fc.oneof(
    { weight: 5, arbitrary: fc.nat(9).map((count) => ({ kind: 'push', count }) as const) },
    { weight: 4, arbitrary: fc.nat(9).map((count) => ({ kind: 'shift', count }) as const) },
    { weight: 1, arbitrary: fc.integer({ min: 2, max: 3 }).map((count) => ({ kind: 'keep', count }) as const) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const fifo = new Fifo<number>();
      let model: number[] = [];
      const seen: (number | undefined)[] = [];
      const due: (number | undefined)[] = [];
      let next = 0;
      for (const { kind, count } of steps) {
        if (kind === 'keep') {
          fifo.keep((item) => item % count !== 0);
          model = model.filter((item) => item % count !== 0);
        }
        for (let i = 0; kind !== 'keep' && i < count; i += 1) {
          if (kind === 'push') {
            fifo.push(next);
            model.push(next++);
          } else {
            seen.push(fifo.peek(), fifo.shift());
            due.push(model[0], model.shift());
          }
        }
      }
      expect(seen).toEqual(due);
    }),
  );
});

test('stays in order over many more items than it keeps places for', () => {
  const fifo = new Fifo<number>();
  const taken: (number | undefined)[] = [];
  for (let i = 0; i < 20_000; i += 1) {
    fifo.push(i);
    if (i % 3 !== 0) taken.push(fifo.shift());
  }
  expect(taken).toEqual(Array.from(taken, (_, i) => i));
});
