#!/usr/bin/env node
// Runs the command line. In a checkout the sources may be newer than the bundle, so it is made first; a published
// package has the bundle and no sources, and who may not write to the checkout runs what its owner made last.
import { accessSync, constants, existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const CHECKOUT = fileURLToPath(new URL('..', import.meta.url));
const BUNDLE = `${CHECKOUT}.build/headroom.js`;

function isWritable(path) {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

const isMade = existsSync(BUNDLE);
if (existsSync(`${CHECKOUT}bin/headroom.ts`)) {
  if (isWritable(isMade ? BUNDLE : CHECKOUT)) await import('./build.mjs');
  else if (!isMade) {
    console.error(`error: headroom is not built yet and ${CHECKOUT} cannot be written to: run 'npm run build' there`);
    process.exit(2);
  }
}
createRequire(import.meta.url)(BUNDLE);
