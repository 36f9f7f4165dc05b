/**
 * `npm run e2e:optimize`: what the tests of every change leave out, because it installs packages and takes minutes.
 * Makes the real Python environment, makes the fixtures of test/fixtures/optimize anew and holds them against the
 * committed ones, then runs every technique on a bundled model.
 */
import { deepStrictEqual, ok } from 'node:assert';
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEnvironment, pythonCacheFolder } from '../../cli/python/environment';

const ROOT = join(__dirname, '../..');
const FIXTURES = 'test/fixtures/optimize';
const REQUIREMENTS = join(ROOT, 'cli/python/requirements/optimize.txt');
const MADE = ['tiny', 'dynamic-int8', 'static-int8', 'fp16', 'prune-magnitude', 'prune-structured'];
const BY_PYTHON = MADE.slice(1);

async function main(): Promise<void> {
  const { executable } = await openEnvironment({
    requirements: REQUIREMENTS,
    cacheFolder: pythonCacheFolder(),
    signal: new AbortController().signal,
    progress: (message) => console.error(message),
  });
  const folder = mkdtempSync(join(tmpdir(), 'headroom-e2e-optimize-'));
  try {
    compareFixtures(executable, folder);
    optimizeBundled();
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The transforms are deterministic: the same packages make the same bytes. */
function compareFixtures(python: string, folder: string): void {
  cpSync(join(ROOT, 'cli/python'), join(folder, 'cli/python'), { recursive: true });
  mkdirSync(join(folder, FIXTURES), { recursive: true });
  cpSync(join(ROOT, FIXTURES, 'make.py'), join(folder, FIXTURES, 'make.py'));
  execFileSync(python, [join(folder, FIXTURES, 'make.py')], { stdio: 'inherit' });
  for (const name of MADE) {
    const file = join(FIXTURES, `${name}.onnx`);
    ok(readFileSync(join(folder, file)).equals(readFileSync(join(ROOT, file))), `${file} is made otherwise`);
    console.log(`${name}: as committed`);
  }
}

function optimizeBundled(): void {
  const only = BY_PYTHON.join(',');
  const args = [join(ROOT, 'scripts/headroom.mjs'), 'optimize', 'image-classification', '--only', only, '--json'];
  const { stdout } = spawnSync(process.execPath, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  const { candidates } = JSON.parse(stdout);
  const missing = candidates.filter(({ result }: { result: object }) => 'notMeasured' in result);
  deepStrictEqual(missing, []);
  console.log(`${candidates.length} techniques were measured on image-classification`);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
