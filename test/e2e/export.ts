/**
 * `npm run e2e:export [tables|pytorch|tensorflow …]`: `headroom export` with the real frameworks, which the tests of
 * every change leave out, because they are gigabytes and take minutes.
 *
 * For each family it makes a Python environment, trains models on real rows and saves them as their users do, types the
 * commands of docs/export.md, serves what they wrote, and holds the service's answers against those that the original
 * gave when it was trained. Then it interrupts an export in each way that a person can.
 */
import { ok } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { openEnvironment, pythonCacheFolder } from '../../cli/python/environment';
import { messageOf } from '../../lib/spec/message-of';
import { documented } from './export/documented';
import { checkInterrupts } from './export/interrupts';
import { type Case, checkServed } from './export/served';
import { runTyped } from './export/shell';

const ROOT = join(__dirname, '../..');
const SOURCES = join(__dirname, 'export');
const FAMILIES: Readonly<Record<string, string>> = {
  tables: 'table_models.py',
  pytorch: 'pytorch_models.py',
  tensorflow: 'tensorflow_models.py',
};

async function main(chosen: readonly string[]): Promise<void> {
  const unknown = chosen.find((name) => !(name in FAMILIES));
  ok(unknown === undefined, `unknown: '${unknown}', expected some of ${Object.keys(FAMILIES).join(', ')}`);
  const families = chosen.length === 0 ? Object.keys(FAMILIES) : chosen;
  execFileSync(process.execPath, [join(ROOT, 'scripts/build.mjs')], { stdio: 'inherit' });
  const failures: string[] = [];
  const typed = new Set<string>();
  for (const family of families) {
    const folder = mkdtempSync(join(tmpdir(), `headroom-e2e-export-${family}-`));
    try {
      await checkFamily(family, folder, { failures, typed });
    } finally {
      rmSync(folder, { recursive: true });
    }
  }
  if (chosen.length === 0) {
    for (const command of documented().commands) {
      if (!typed.has(command)) failures.push(`docs/export.md shows what no case has typed: ${command}`);
    }
  }
  for (const failure of failures) console.error(`FAILED ${failure}`);
  ok(failures.length === 0, `${failures.length} failed`);
}

interface Outcome {
  readonly failures: string[];
  readonly typed: Set<string>;
}

async function checkFamily(family: string, folder: string, { failures, typed }: Outcome): Promise<void> {
  const { executable } = await openEnvironment({
    requirements: join(SOURCES, 'requirements', `${family}.txt`),
    cacheFolder: pythonCacheFolder(),
    signal: new AbortController().signal,
    progress: (message) => console.error(message),
  });
  layOut(folder, executable);
  execFileSync(executable, [join(SOURCES, FAMILIES[family] ?? ''), ROOT], {
    cwd: folder,
    env: { ...process.env, PYTHONPATH: folder, PYTHONDONTWRITEBYTECODE: '1' },
    stdio: 'inherit',
  });
  const { cases, interrupts } = JSON.parse(readFileSync(join(folder, 'cases.json'), 'utf8'));
  const attempt = async (title: string, check: () => Promise<string>) => {
    const startMs = performance.now();
    try {
      const found = await check();
      console.log(`ok ${family}: ${title}: ${found} (${Math.round((performance.now() - startMs) / 1000)} s)`);
    } catch (error) {
      failures.push(`${family}: ${title}: ${messageOf(error)}`);
      console.error(`FAILED ${family}: ${title}: ${messageOf(error)}`);
    }
  };
  for (const one of cases as Case[]) {
    typed.add(one.command);
    await attempt(one.title, () => checkCase(folder, one));
  }
  await checkInterrupts(folder, interrupts, attempt);
}

/** The folder of a user: `headroom` on the path, Python in `.venv`, and the scripts that the docs show. */
function layOut(folder: string, python: string): void {
  symlinkSync(dirname(dirname(python)), join(folder, '.venv'));
  mkdirSync(join(folder, 'bin'));
  const program = `#!/bin/sh\nexec '${process.execPath}' '${join(ROOT, '.build/headroom.js')}' "$@"\n`;
  writeFileSync(join(folder, 'bin/headroom'), program, { mode: 0o755 });
  for (const [name, text] of documented().scripts) writeFileSync(join(folder, name), text);
}

async function checkCase(folder: string, one: Case): Promise<string> {
  const { code, stdout, stderr } = await runTyped(folder, one.command);
  ok(code === 0, `'${one.command}' ended with ${code}: ${stdout}${stderr}`);
  return checkServed(folder, one);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(`error: ${messageOf(error)}`);
  process.exitCode = 1;
});
