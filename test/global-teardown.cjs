// Removes the temporary files of all tests, see global-setup.cjs.
const { rmSync } = require('node:fs');

module.exports = () => {
  const { before, folder } = globalThis.temporary;
  if (before === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = before;
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
};
