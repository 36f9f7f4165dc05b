import { median } from '../cli/statistics';
import type { Figure } from './support/figures';

import { startHeadroom } from './support/processes';

const STARTS = 5;

/** From the start of the process until all bundled models answer. */
export async function measureReadiness(): Promise<Figure[]> {
  const times: number[] = [];
  for (let i = 0; i < STARTS; i++) {
    const server = await startHeadroom();
    times.push(server.readyMs / 1000);
    await server.stop();
  }
  const detail = `median of ${STARTS} starts, ${Math.min(...times).toFixed(2)} to ${Math.max(...times).toFixed(2)} s`;
  return [{ name: 'ready with all bundled models', value: median(times), unit: ' s', goal: { atMost: 1.5 }, detail }];
}
