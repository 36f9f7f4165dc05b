import { type Logger, pino } from 'pino';

const STANDARD_ERROR = 2;

/**
 * JSON lines, one object an event; levels by name, time in ISO 8601. On standard error, since standard output is for
 * what a command answers.
 */
export function createLogger(level: string): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    pino.destination({ dest: STANDARD_ERROR, sync: true }),
  );
}
