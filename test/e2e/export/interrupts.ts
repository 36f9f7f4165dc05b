import { ok } from 'node:assert';
import { type ChildProcess, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { environmentOf, LIMIT_MS, runTyped } from './shell';

/** An export to be interrupted. */
export interface Interruptible {
  readonly command: string;
  /** What it has written when it is interrupted. */
  readonly when: string;
  /** What processes of its own have made by then, in its folder. */
  readonly files: readonly string[];
}

/** Prepared for one interrupt. */
interface Scene extends Interruptible {
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
}

/** How it ended; what was written is unknown where the terminal has gone. */
interface End {
  readonly code: number;
  readonly written: string | undefined;
}

const SENTENCE = 'interrupted, nothing was changed';
/** Marks every process of an export in its environment, so that none is missed. */
const MARK = 'HEADROOM_E2E_RUN';
/** How long a process that was killed may still be seen, and a shell without a terminal take to note an exit code. */
const PATIENCE_MS = 10_000;
const POLL_MS = 50;

/** Each with the exit code that shells expect. Those at a terminal reach all that runs there, SIGTERM the command alone. */
const WAYS: readonly [name: string, code: number, end: (scene: Scene) => Promise<End>][] = [
  ['Ctrl-C', 130, (scene) => atTerminal(scene, 'ctrl-c')],
  ['a closed terminal', 129, (scene) => atTerminal(scene, 'close')],
  ['SIGTERM', 143, bySignal],
];

/** Interrupts each export in each way: what it has started ends, and nothing of it stays. */
export async function checkInterrupts(
  folder: string,
  interruptibles: readonly Interruptible[],
  attempt: (title: string, check: () => Promise<string>) => Promise<void>,
): Promise<void> {
  for (const one of interruptibles) {
    for (const [name, code, end] of WAYS) {
      await attempt(`${name} at '${one.when}' of ${one.command}`, async () => {
        const mark = randomUUID();
        const temporary = join(folder, `tmp-${mark}`);
        mkdirSync(temporary);
        for (const file of one.files) rmSync(join(folder, file), { force: true });
        const models = `models-${mark}`;
        const scene = {
          ...one,
          folder,
          command: `${one.command} --models ${models}`,
          env: { ...environmentOf(folder), TMPDIR: temporary, [MARK]: mark },
        };
        const { code: found, written } = await end(scene);
        ok(found === code, `the exit code is ${found}, expected ${code}`);
        ok(written === undefined || written.includes(SENTENCE), `it says: ${written}`);
        await expectNoneRunning(mark);
        const left = readdirSync(temporary);
        ok(left.length === 0, `it leaves ${left} among the temporary files`);
        ok(!existsSync(join(folder, models)), 'it leaves a folder of models');
        return 'nothing is left';
      });
    }
  }
}

async function bySignal({ folder, command, when, files, env }: Scene): Promise<End> {
  const seen: { stderr: string; child?: ChildProcess } = { stderr: '' };
  const look = setInterval(() => {
    if (!seen.stderr.includes(when) || !files.every((file) => existsSync(join(folder, file)))) return;
    clearInterval(look);
    seen.child?.kill('SIGTERM');
  }, POLL_MS);
  const { code, stderr } = await runTyped(folder, command, env, (written, child) => {
    seen.stderr = written;
    seen.child = child;
  });
  clearInterval(look);
  return { code, written: stderr };
}

async function atTerminal({ folder, command, when, files, env }: Scene, how: 'ctrl-c' | 'close'): Promise<End> {
  const noted = join(folder, 'exit-code');
  rmSync(noted, { force: true });
  // The shell that notes the exit code outlives Ctrl-C and its terminal; Node gives signals back what they do by default.
  const typed = `(trap '' HUP; trap : INT; ${command}; echo $? > exit-code)`;
  const args = [join(__dirname, 'terminal.py'), typed, when, files.join(' '), how];
  const { status, stdout, stderr } = spawnSync(join(folder, '.venv/bin/python'), args, {
    cwd: folder,
    env,
    encoding: 'utf8',
    timeout: LIMIT_MS,
  });
  ok(status === 0, `the terminal ended with ${status}: ${stdout}${stderr}`);
  const code = await eventually(() => (existsSync(noted) ? readFileSync(noted, 'utf8').trim() : ''), 'no exit code');
  return { code: Number(code), written: how === 'close' ? undefined : stdout };
}

async function expectNoneRunning(mark: string): Promise<void> {
  let running: string[] = [];
  const none = () => {
    running = marked(mark);
    return running.length === 0;
  };
  await eventually(none, () => `still running: ${running.join('; ')}`);
}

/** Command lines of the processes that bear a mark; those that have ended have no environment. */
function marked(mark: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        if (!readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`${MARK}=${mark}`)) return [];
        return [`${pid} ${readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')}`];
      } catch {
        return []; // It has ended meanwhile.
      }
    });
}

async function eventually<T>(look: () => T, missing: string | (() => string)): Promise<T> {
  const untilMs = Date.now() + PATIENCE_MS;
  for (;;) {
    const found = look();
    if (found) return found;
    if (Date.now() > untilMs) throw new Error(typeof missing === 'string' ? missing : missing());
    await sleep(POLL_MS);
  }
}
