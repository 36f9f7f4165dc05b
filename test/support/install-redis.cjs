// The tests of the shared cache run a real redis-server. Where there is none, root may install Debian's; whoever cannot
// is told by the tests that need it, which then fail.
const { spawnSync } = require('node:child_process');

/** Another try where a mirror does not answer, and patience with whoever else installs something just now. */
const PATIENCE = ['-o', 'Acquire::Retries=5', '-o', 'DPkg::Lock::Timeout=120'];

const isInstalled = () => spawnSync('redis-server', ['--version']).status === 0;

module.exports = () => {
  if (isInstalled() || process.getuid?.() !== 0) return;
  // Without a run level the package starts no server of its own.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  for (const argv of [['update'], ['install', '-y', '--no-install-recommends', 'redis-server']]) {
    const { status, stderr } = spawnSync('apt-get', ['-q', ...PATIENCE, ...argv], { env, encoding: 'utf8' });
    if (status !== 0) {
      process.stderr.write(`redis-server could not be installed: ${stderr ?? 'there is no apt-get'}\n`);
      return;
    }
  }
};
