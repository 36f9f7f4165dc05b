import { createServer } from 'node:http';

/**
 * Answers each request after a time that does not depend on the others: then open and closed loops see the same latency,
 * and their tools can be compared. Log-normal, median 8 ms.
 */
const MEDIAN_MS = 8;
const SIGMA = 0.6;

const server = createServer((request, response) => {
  request.resume();
  const normal = Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
  setTimeout(() => response.end('{}'), MEDIAN_MS * Math.exp(SIGMA * normal));
});
server.listen(Number(process.argv[2]), '127.0.0.1', () => process.stdout.write('ready\n'));
process.once('SIGTERM', () => process.exit(0));
