import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Below those that the system gives to whoever wants any, on Linux and macOS: no client's connection is on one of them.
 * Each of the processes that run tests side by side has so many of its own.
 */
const FIRST_PORT = 12_000;
const PORTS_A_WORKER = 1000;
const WORKERS = 20;

const worker = (Number(process.env.JEST_WORKER_ID ?? 1) - 1) % WORKERS;
/** Tests that run beside these ones begin elsewhere. */
let next = randomInt(PORTS_A_WORKER);

/** A port of the loopback interface that nothing listens on, and that nobody is given by chance or was given lately. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < PORTS_A_WORKER; tries++) {
    const port = FIRST_PORT + worker * PORTS_A_WORKER + next;
    next = (next + 1) % PORTS_A_WORKER;
    if (await isFree(port)) return port;
  }
  throw new Error(`none of ${PORTS_A_WORKER} ports is free`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
