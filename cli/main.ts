import { Command, CommanderError } from 'commander';
import { SloUnreachableError } from '../lib/plan/errors';
import { InputError } from '../lib/spec/input-error';
import { version } from '../package.json';
import { refuseTelemetry } from '../service/runtime/telemetry';
import { batchCommand } from './batch';
import { cacheCommand } from './cache';
import { checklistCommand } from './checklist';
import { EXIT, UsageError } from './errors';
import { exportCommand } from './export';
import { initCommand } from './init';
import { loadCommand } from './load';
import { optimizeCommand } from './optimize';
import { planCommand } from './plan';
import { pullCommand } from './pull';
import { pushCommand } from './push';
import { serveCommand } from './serve';
import { simulateCommand } from './simulate';

/** Runs the command line and sets the exit code. */
export async function main(argv: readonly string[]): Promise<void> {
  refuseTelemetry(process.env);
  for (const stream of [process.stdout, process.stderr]) {
    if (!stream.listeners('error').includes(endWithReader)) stream.on('error', endWithReader);
  }
  const program = new Command('headroom')
    .description('SLO-driven machine-learning inference: from a model file to an endpoint with known headroom')
    .version(version)
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .addCommand(initCommand(async (path) => (await import('../service/runtime/inspect')).inspectModel(path)))
    .addCommand(exportCommand())
    .addCommand(serveCommand())
    .addCommand(pushCommand())
    .addCommand(pullCommand())
    .addCommand(batchCommand())
    .addCommand(cacheCommand())
    .addCommand(planCommand())
    .addCommand(simulateCommand())
    .addCommand(loadCommand())
    .addCommand(optimizeCommand())
    .addCommand(checklistCommand());
  for (const command of program.commands) {
    command.exitOverride();
    refuseEmptyWords(command);
  }
  try {
    await program.parseAsync(argv);
  } catch (error) {
    process.exitCode = report(error);
  }
}

/** A variable of a script that is not set leaves an empty word, which is the name of no file and of nothing else. */
function refuseEmptyWords({ options, commands }: Command): void {
  for (const option of options) {
    if (!option.required || option.parseArg !== undefined) continue;
    option.argParser((text) => {
      if (text.trim() === '')
        throw new UsageError(`${option.long} is '${text}', expected ${option.flags.split(' ').at(-1)}`);
      return text;
    });
  }
  for (const command of commands) refuseEmptyWords(command);
}

/**
 * Whoever reads the output may stop early, as `head` does, or close the terminal: then there is nobody left to work for.
 * A terminal that is closed tells so by a signal, too.
 */
function endWithReader(error: NodeJS.ErrnoException): void {
  if (error.code === 'EIO') process.kill(process.pid, 'SIGHUP');
  else if (error.code === 'EPIPE') process.exit();
  else throw error;
}

/** Tells what went wrong, in the words of the part that noticed. */
function report(error: unknown): number {
  // Commander has printed its own sentence, or the help that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT.wrongUse;
  if (error instanceof InputError) {
    process.stderr.write(`error: ${error.message}\n`);
    return EXIT.wrongUse;
  }
  if (error instanceof SloUnreachableError) {
    process.stderr.write(`error: ${error.message}\n`);
    return EXIT.failedVerdict;
  }
  process.stderr.write(`error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return EXIT.failedVerdict;
}
