#!/usr/bin/env node
// Runs the command line. In a checkout the sources may be newer than the bundle, so it is made first; a published
// package has the bundle and no sources.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';

if (existsSync(new URL('../bin/headroom.ts', import.meta.url))) await import('./build.mjs');
createRequire(import.meta.url)('../.build/headroom.js');
