// Bundles the entry points into .build/: the CLI, the worker that runs heavy models beside it, the thread that times
// load, and the process that an optimisation measures a model in.
import { fileURLToPath } from 'node:url';
import { build, stop } from 'esbuild';

// Libraries of plain JavaScript go into the bundle: loading their hundreds of files one by one takes longer than the
// rest of the start. These stay outside because they read files of their own: native code, pages, worker scripts.
const WITH_FILES_OF_THEIR_OWN = ['onnxruntime-node', 'sharp', '@fastify/swagger-ui', 'pino'];

await build({
  entryPoints: {
    headroom: 'bin/headroom.ts',
    worker: 'service/runtime/worker.ts',
    'pacer-thread': 'cli/load/schedule/pacer-thread.ts',
    candidate: 'service/runtime/candidate/process.ts',
  },
  absWorkingDir: fileURLToPath(new URL('..', import.meta.url)),
  outdir: '.build',
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  external: WITH_FILES_OF_THEIR_OWN,
  sourcemap: true,
  logLevel: 'error',
});

// Its process would stay for as long as this one, which may serve for weeks.
await stop();
