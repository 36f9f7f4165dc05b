// Bundles the entry points into .build/: the CLI, and the worker that runs heavy models beside it.
// Dependencies stay outside the bundle: native addons and files that libraries read at run time do not bundle.
import { build } from 'esbuild';

await build({
  entryPoints: { headroom: 'bin/headroom.ts', worker: 'service/runtime/worker.ts' },
  outdir: '.build',
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  packages: 'external',
  sourcemap: true,
  logLevel: 'error',
});
