/** Each thread counts performance.now() from its own start; hrtime is common to all. */
const ORIGIN_MS = originMs();

function originMs(): number {
  // The first call of each takes long, and what it takes would be the difference between the clocks of two threads.
  let least = Number.POSITIVE_INFINITY;
  let origin = 0;
  for (let i = 0; i < 10; i++) {
    const beforeMs = performance.now();
    const [seconds, nanoseconds] = process.hrtime();
    const tookMs = performance.now() - beforeMs;
    if (tookMs >= least) continue;
    least = tookMs;
    origin = seconds * 1e3 + nanoseconds / 1e6 - beforeMs - tookMs / 2;
  }
  return origin;
}

/** Milliseconds of a clock that never jumps and that all threads of the process share. */
export function monotonicMs(): number {
  return ORIGIN_MS + performance.now();
}
