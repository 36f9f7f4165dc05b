import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Announcement } from '../../cli/serve-banner';

export const ROOT = join(__dirname, '..', '..');
/** The command line, bundled. */
export const BUNDLE = join(ROOT, '.build', 'headroom.js');

/** `headroom serve` as a real process, on ports of its own. */
export interface ServiceProcess {
  readonly announcement: Announcement;
  /** Address of inference, without a slash at the end. */
  readonly url: string;
  readonly adminUrl: string;
  readonly pid: number;
  /** All that it logged so far. */
  log(): string;
  signal(name: NodeJS.Signals): void;
  /** The exit code, once it has ended. */
  readonly exited: Promise<number | null>;
  /** SIGTERM, and the exit code. */
  stop(): Promise<number | null>;
}

/**
 * Starts the bundle and waits for its announcement.
 * @param environment beside that of the tests; undefined takes a variable of it away
 */
export async function startService(
  flags: readonly string[] = [],
  environment: Readonly<Record<string, string | undefined>> = {},
): Promise<ServiceProcess> {
  const child = spawn(
    process.execPath,
    [BUNDLE, 'serve', '--http-port', '0', '--admin-port', '0', '--json', ...flags],
    { cwd: ROOT, env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => {
    log += chunk.toString();
  });
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const announcement = await firstLine(child, () => log);
  return {
    announcement,
    url: announcement.httpUrl,
    adminUrl: announcement.adminUrl,
    pid: child.pid ?? 0,
    log: () => log,
    signal: (name) => {
      child.kill(name);
    },
    exited,
    stop: () => {
      child.kill('SIGTERM');
      return exited;
    },
  };
}

/** How a command ended, and what it said; without a code where it was killed. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that runs. */
export interface HeadroomProcess {
  readonly ended: Promise<Ended>;
  /** At once, without a last word. */
  kill(): void;
  /** As Ctrl-C does. */
  interrupt(): void;
}

/** Runs the command line to its end. */
export function runHeadroom(
  argv: readonly string[],
  cwd: string = ROOT,
  environment: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  return startHeadroom(argv, cwd, environment).ended;
}

export function startHeadroom(
  argv: readonly string[],
  cwd: string,
  environment: Readonly<Record<string, string>>,
): HeadroomProcess {
  const child = spawn(process.execPath, [BUNDLE, ...argv], {
    cwd,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const ended = new Promise<Ended>((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr })));
  return {
    ended,
    kill: () => {
      child.kill('SIGKILL');
    },
    interrupt: () => {
      child.kill('SIGINT');
    },
  };
}

function firstLine(child: ChildProcess, log: () => string): Promise<Announcement> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const end = text.indexOf('\n');
      if (end !== -1) resolve(JSON.parse(text.slice(0, end)));
    });
    child.once('exit', (code) => reject(new Error(`the service ended with code ${code}: ${log()}`)));
  });
}
