import { type Logger, pino } from 'pino';

/** JSON lines on standard output, one object an event; levels by name, time in ISO 8601. */
export function createLogger(level: string): Logger {
  return pino({
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
  });
}
