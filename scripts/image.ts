// Takes the steps of service/Dockerfile for its target cpu without a container engine: the same copies and commands, each stage in an empty
// folder of its own. Starts what came out, asks for a prediction, lets the health check look at it, stops it, and tells
// the size. Needs the package registry, as the image's build does. Run: npm run image
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { messageOf } from '../lib/spec/message-of';
import type { ServiceDescription } from '../service/description';
import { execForm, type Instruction, ignoredBy, pairs, parseDockerfile, type Stage, stagesFor } from './dockerfile';

const CONTEXT = join(__dirname, '..');
const MEBIBYTE = 2 ** 20;

/** A stage after its instructions were carried out. */
interface BuiltStage {
  /** Stands for `/`. */
  readonly root: string;
  directory: string;
  readonly environment: Record<string, string>;
  entrypoint: string[];
  command: string[];
  healthcheck: string[];
}

function buildStage(stage: Stage, root: string, built: ReadonlyMap<string, BuiltStage>): BuiltStage {
  const state: BuiltStage = { root, directory: root, environment: {}, entrypoint: [], command: [], healthcheck: [] };
  mkdirSync(root, { recursive: true });
  for (const instruction of stage.instructions) carryOut(instruction, state, built);
  return state;
}

function carryOut({ name, argument }: Instruction, state: BuiltStage, built: ReadonlyMap<string, BuiltStage>): void {
  if (name === 'WORKDIR') {
    state.directory = join(state.root, argument);
    mkdirSync(state.directory, { recursive: true });
  } else if (name === 'COPY') copy(argument, state, built);
  else if (name === 'RUN') run(argument, state);
  else if (name === 'ENV') Object.assign(state.environment, pairs(argument));
  else if (name === 'ENTRYPOINT') state.entrypoint = execForm(argument);
  else if (name === 'CMD') state.command = execForm(argument);
  else if (name === 'HEALTHCHECK') state.healthcheck = execForm(argument);
  else if (!['ARG', 'LABEL', 'USER', 'EXPOSE'].includes(name)) throw new Error(`unknown instruction ${name}`);
}

function copy(argument: string, state: BuiltStage, built: ReadonlyMap<string, BuiltStage>): void {
  const [, from, paths = ''] = /^(?:--from=(\S+) )?(.*)$/.exec(argument) ?? [];
  const words = paths.split(/\s+/);
  const target = join(state.directory, words.pop() ?? '.');
  const stage = from === undefined ? undefined : built.get(from);
  if (from !== undefined && stage === undefined) throw new Error(`COPY --from=${from}: there is no such stage`);
  const ignored = ignoredBy(stage === undefined ? readFileSync(join(CONTEXT, '.dockerignore'), 'utf8') : '');
  for (const word of words) {
    const source = join(stage?.root ?? CONTEXT, word);
    const filter = (path: string) => !ignored(relative(CONTEXT, path));
    const destination = lstatSync(source).isDirectory() ? target : join(target, basename(source));
    cpSync(source, destination, { recursive: true, filter, verbatimSymlinks: true });
  }
}

function run(command: string, { directory, environment }: BuiltStage): void {
  process.stdout.write(`RUN ${command}\n`);
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, ...environment };
  const { status } = spawnSync('sh', ['-c', command], { cwd: directory, env, stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) throw new Error(`RUN ended with ${status}`);
}

/** Bytes of the files below a folder. */
function sizeOf(path: string): number {
  const stat = lstatSync(path);
  if (!stat.isDirectory()) return stat.size;
  return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
}

function start({ directory, environment, entrypoint, command }: BuiltStage): ChildProcess {
  const [program = '', ...words] = [...entrypoint, ...command, '--json'];
  const ports = { HEADROOM_HTTP_PORT: '0', HEADROOM_ADMIN_PORT: '0', HEADROOM_HOST: '127.0.0.1' };
  const env = { PATH: process.env.PATH, ...environment, ...ports };
  return spawn(program, words, { cwd: directory, env, stdio: ['ignore', 'pipe', 'inherit'] });
}

/** The line that tells what is served: the only one on standard output that has a URL. */
async function announcement(process: ChildProcess): Promise<ServiceDescription> {
  if (process.stdout === null) throw new Error('the service has no output');
  for await (const line of createInterface(process.stdout)) {
    if (line.includes('"httpUrl"')) return JSON.parse(line);
  }
  throw new Error('the service ended before it was ready');
}

function checkHealth({ healthcheck: [program = '', ...words] }: BuiltStage, httpUrl: string): void {
  const env = { ...process.env, HEADROOM_HTTP_PORT: new URL(httpUrl).port };
  const { status } = spawnSync(program, words, { env, stdio: 'inherit' });
  if (status !== 0) throw new Error(`the health check ended with ${status}`);
}

async function tryOut(image: BuiltStage): Promise<void> {
  const service = start(image);
  const ended = new Promise<number | null>((resolve) => service.once('exit', resolve));
  try {
    const { httpUrl, models } = await announcement(service);
    checkHealth(image, httpUrl);
    for (const { name, example } of models) {
      if (example === undefined) continue;
      const body = 'body' in example ? example.body : readFileSync(example.imagePath);
      const headers = { 'content-type': example.contentType };
      const answer = await fetch(httpUrl + example.path, { method: 'POST', headers, body });
      if (!answer.ok) throw new Error(`${name} answers ${answer.status}: ${await answer.text()}`);
      process.stdout.write(`${name} predicts ${(await answer.text()).slice(0, 80)}\n`);
    }
    if (models.length === 0) throw new Error('the image serves no model');
  } finally {
    service.kill('SIGTERM');
  }
  const code = await ended;
  if (code !== 0) throw new Error(`the service ended with ${code}`);
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'headroom-image-'));
  try {
    const text = readFileSync(join(CONTEXT, 'service/Dockerfile'), 'utf8').replace(/^ARG .*_IMAGE=.*$/gm, '');
    const built = new Map<string, BuiltStage>();
    for (const stage of stagesFor('cpu', parseDockerfile(text)))
      built.set(stage.name, buildStage(stage, join(folder, stage.name), built));
    const image = [...built.values()].at(-1);
    if (image === undefined) throw new Error('service/Dockerfile has no stage');
    for (const forbidden of [
      'service',
      'cli',
      'node_modules/typescript',
      'node_modules/esbuild',
      'node_modules/cdk8s',
    ]) {
      if (existsSync(join(image.directory, forbidden))) throw new Error(`the image carries ${forbidden}`);
    }
    await tryOut(image);
    for (const name of readdirSync(image.directory)) {
      process.stdout.write(`${(sizeOf(join(image.directory, name)) / MEBIBYTE).toFixed(1).padStart(8)} MiB  ${name}\n`);
    }
    process.stdout.write(
      `${(sizeOf(image.directory) / MEBIBYTE).toFixed(1).padStart(8)} MiB  on top of the base image\n`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`error: ${messageOf(error)}\n`);
  process.exitCode = 1;
});
