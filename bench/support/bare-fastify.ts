import { fastify } from 'fastify';

/** Parses the JSON body as Fastify does by itself, and answers a constant. */
const app = fastify();
app.post('/*', async () => ({ ok: true }));
app.listen({ port: Number(process.argv[2]), host: '127.0.0.1' }).then(
  () => process.stdout.write('ready\n'),
  (error) => {
    throw error;
  },
);
process.once('SIGTERM', () => process.exit(0));
