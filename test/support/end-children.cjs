const { readdirSync, readFileSync } = require('node:fs');

/**
 * Ends the processes that a test file has started and not ended, as one that fails may. Where the system does not list
 * them, as on macOS, they stay.
 */
exports.endChildren = () => {
  for (const pid of childrenOfThis()) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended meanwhile.
    }
  }
};

function childrenOfThis() {
  try {
    return readdirSync('/proc/self/task').flatMap((thread) =>
      readFileSync(`/proc/self/task/${thread}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number),
    );
  } catch {
    return [];
  }
}
