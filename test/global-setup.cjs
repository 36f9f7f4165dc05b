// Worker threads and the end-to-end tests run the real bundle, so it is made once before the first test.
const { execFileSync } = require('node:child_process');
const { join } = require('node:path');
const installRedis = require('./support/install-redis.cjs');

module.exports = () => {
  installRedis();
  execFileSync(process.execPath, ['scripts/build.mjs'], { cwd: join(__dirname, '..'), stdio: 'inherit' });
};
