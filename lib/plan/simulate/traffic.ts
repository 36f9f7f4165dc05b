import type { Trace } from './trace';

/** Traffic over time. */
export interface Traffic {
  readonly name: string;
  readonly durationSeconds: number;
  /** Highest of the shares. */
  readonly peakShare: number;
  /** Requests/s at a time, as a share of the peak. */
  shareAt(seconds: number): number;
}

/** Names of the shapes that need no trace. */
export const SHAPES = ['diurnal', 'flash', 'step'] as const;
export type Shape = (typeof SHAPES)[number];

const HOUR = 3600;

/** A day from midnight: a fifth of the peak at 04:00, the peak at 16:00, and a cosine between. */
function diurnal(seconds: number): number {
  return 0.6 - 0.4 * Math.cos((2 * Math.PI * (seconds - 4 * HOUR)) / (24 * HOUR));
}

/** A tenth of the peak for ten minutes, then all of it within half a minute, for ten minutes; it halves every five after. */
function flash(seconds: number): number {
  const since = seconds - 600;
  if (since < 0) return 0.1;
  if (since < 30) return 0.1 + 0.9 * (since / 30);
  if (since < 630) return 1;
  return Math.max(0.1, 0.5 ** ((since - 630) / 300));
}

/** A fifth of the peak, from ten minutes on all of it at once, and from forty on a fifth again. */
function step(seconds: number): number {
  return seconds >= 600 && seconds < 2400 ? 1 : 0.2;
}

/** A standard shape. */
export function shapedTraffic(name: Shape): Traffic {
  switch (name) {
    case 'diurnal':
      return { name, durationSeconds: 24 * HOUR, peakShare: 1, shareAt: diurnal };
    case 'flash':
      return { name, durationSeconds: HOUR, peakShare: 1, shareAt: flash };
    case 'step':
      return { name, durationSeconds: HOUR, peakShare: 1, shareAt: step };
  }
}

/** A recorded trace, as shares of a peak; each of its rates holds until the next. */
export function tracedTraffic({ intervalSeconds, qps }: Trace, peakQps: number): Traffic {
  return {
    name: 'trace',
    durationSeconds: qps.length * intervalSeconds,
    peakShare: qps.reduce((most, rate) => Math.max(most, rate), 0) / peakQps,
    shareAt: (seconds) => (qps[Math.min(Math.floor(seconds / intervalSeconds), qps.length - 1)] ?? 0) / peakQps,
  };
}
