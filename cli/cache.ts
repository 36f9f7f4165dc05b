import { Command } from 'commander';
import { invalidate } from './cache/invalidate';
import { stats } from './cache/stats';
import { warm } from './cache/warm';
import { ADMINISTRATION, asks, INFERENCE } from './service-address';

const EXAMPLES = `
Examples:
  $ headroom cache stats
  $ headroom cache invalidate fraud-detection                        all its predictions, on every replica
  $ headroom cache invalidate recommendations --entity user_42       those made for one entity
  $ headroom cache invalidate fraud-detection --rows body.json       those of the rows of a request
  $ headroom cache warm fraud-detection --requests requests.jsonl    one request body a line

warm asks the ${INFERENCE.port} (${INFERENCE.flag}), as callers do; stats and invalidate ask the ${ADMINISTRATION.port}
(${ADMINISTRATION.flag}) of any replica, as by kubectl port-forward.`;

/** `headroom cache`: what operators do with the prediction cache of a running service. */
export function cacheCommand(): Command {
  // Before the subcommands, which inherit it.
  const command = new Command('cache')
    .exitOverride()
    .description('look at, empty or fill the prediction cache of a running service')
    .addHelpText('after', EXAMPLES);
  asks(command.command('stats'), ADMINISTRATION)
    .description('what the cache of a replica did so far, by layer and model')
    .option('--json', 'print the result as one line of JSON')
    .action(stats);
  asks(command.command('invalidate'), ADMINISTRATION)
    .description('make all replicas that share a cache forget predictions of a model')
    .argument('<model>', 'name of the model')
    .option('--entity <id>', 'only those made for this entity')
    .option('--rows <file>', 'only those of the rows of this request: JSON with instances or inputs')
    .option('--json', 'print the result as one line of JSON')
    .action(invalidate);
  asks(command.command('warm'), INFERENCE)
    .description('send requests, so that their predictions are cached before callers ask')
    .argument('<model>', 'name of the model')
    .requiredOption('--requests <file>', 'one JSON body a line, with instances or inputs')
    .option('--concurrency <n>', 'requests at a time', '8')
    .option('--json', 'print the result as one line of JSON')
    .addHelpText('after', '\nExit code 1 if a request fails.')
    .action(warm);
  return command;
}
