const [seconds, nanoseconds] = process.hrtime();
/** Each thread counts performance.now() from its own start; hrtime is common to all. */
const ORIGIN_MS = seconds * 1e3 + nanoseconds / 1e6 - performance.now();

/** Milliseconds of a clock that never jumps and that all threads of the process share. */
export function monotonicMs(): number {
  return ORIGIN_MS + performance.now();
}
