// Worker threads and the end-to-end tests run the real bundle, so it is made once before the first test.
const { execFileSync } = require('node:child_process');
const { mkdtempSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const installRedis = require('./support/install-redis.cjs');

module.exports = () => {
  installRedis();
  execFileSync(process.execPath, ['scripts/build.mjs'], { cwd: join(__dirname, '..'), stdio: 'inherit' });
  // CDK leaves a folder for each app, and a test that fails leaves its own; all of it goes with this one.
  globalThis.temporary = { before: process.env.TMPDIR, folder: mkdtempSync(join(tmpdir(), 'headroom-tests-')) };
  process.env.TMPDIR = globalThis.temporary.folder;
};
