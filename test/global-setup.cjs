// Worker threads and the end-to-end tests run the real bundle, so it is made once before the first test.
const { execFileSync } = require('node:child_process');
const { join } = require('node:path');

module.exports = () => {
  execFileSync(process.execPath, ['scripts/build.mjs'], { cwd: join(__dirname, '..'), stdio: 'inherit' });
};
