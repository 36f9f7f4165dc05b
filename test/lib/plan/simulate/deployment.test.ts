import { describe, expect, test } from '@jest/globals';
import { Deployment } from '../../../../lib/plan/simulate/deployment';

const ALIKE = (_: number, count: number) => [{ count, readyAfterSeconds: 20 }];

describe('a Deployment', () => {
  test('has its first pods ready from the beginning', () => {
    expect(new Deployment(2, ALIKE).ready(0)).toBe(2);
  });

  test('has new pods pending until they are ready', () => {
    const deployment = new Deployment(2, ALIKE);
    deployment.scaleTo(5, 100);
    expect([deployment.ready(119), deployment.ready(121), deployment.replicas]).toEqual([2, 5, 5]);
    expect(deployment.list(110).map(({ count, phase }) => [count, phase])).toEqual([
      [2, 'Running'],
      [3, 'Pending'],
    ]);
  });

  test('can have some of its new pods ready later than others', () => {
    // GIVEN a node with room for three pods, and another that takes a minute to come
    const deployment = new Deployment(2, () => [
      { count: 1, readyAfterSeconds: 20 },
      { count: 2, readyAfterSeconds: 80 },
    ]);
    deployment.scaleTo(5, 100);
    expect([deployment.ready(121), deployment.ready(179), deployment.ready(181)]).toEqual([3, 3, 5]);
  });

  test('loses the pods that are not ready first', () => {
    const deployment = new Deployment(2, ALIKE);
    deployment.scaleTo(5, 100);
    deployment.scaleTo(3, 110);
    expect([deployment.ready(110), deployment.replicas]).toEqual([2, 3]);
  });

  test('keeps the pods that have been ready for longest', () => {
    const deployment = new Deployment(2, ALIKE);
    deployment.scaleTo(5, 100);
    deployment.scaleTo(1, 200);
    expect(deployment.list(200)).toHaveLength(1);
    expect(deployment.list(200)[0]?.startedAtSeconds).toBe(Number.NEGATIVE_INFINITY);
  });
});
