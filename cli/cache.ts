import { Command } from 'commander';
import { PORTS } from '../lib/contract';
import { invalidate } from './cache/invalidate';
import { stats } from './cache/stats';
import { warm } from './cache/warm';

const EXAMPLES = `
Examples:
  $ headroom cache stats
  $ headroom cache invalidate fraud-detection                        all its predictions, on every replica
  $ headroom cache invalidate recommendations --entity user_42       those made for one entity
  $ headroom cache invalidate fraud-detection --rows body.json       those of the rows of a request
  $ headroom cache warm fraud-detection --requests requests.jsonl    one request body a line

The address of administration is that of any replica, as by kubectl port-forward.`;

const ADMIN_URL = `http://127.0.0.1:${PORTS.admin}`;
const HTTP_URL = `http://127.0.0.1:${PORTS.http}`;

/** `headroom cache`: what operators do with the prediction cache of a running service. */
export function cacheCommand(): Command {
  // Before the subcommands, which inherit it.
  const command = new Command('cache')
    .exitOverride()
    .description('look at, empty or fill the prediction cache of a running service')
    .addHelpText('after', EXAMPLES);
  command
    .command('stats')
    .description('what the cache of a replica did so far, by layer and model')
    .option('--admin-url <url>', 'address of administration', ADMIN_URL)
    .option('--json', 'print the result as one line of JSON')
    .action(stats);
  command
    .command('invalidate')
    .description('make all replicas that share a cache forget predictions of a model')
    .argument('<model>', 'name of the model')
    .option('--entity <id>', 'only those made for this entity')
    .option('--rows <file>', 'only those of the rows of this request: JSON with instances or inputs')
    .option('--admin-url <url>', 'address of administration', ADMIN_URL)
    .option('--json', 'print the result as one line of JSON')
    .action(invalidate);
  command
    .command('warm')
    .description('send requests, so that their predictions are cached before callers ask')
    .argument('<model>', 'name of the model')
    .requiredOption('--requests <file>', 'one JSON body a line, with instances or inputs')
    .option('--url <url>', 'address of inference', HTTP_URL)
    .option('--concurrency <n>', 'requests at a time', '8')
    .option('--json', 'print the result as one line of JSON')
    .addHelpText('after', '\nExit code 1 if a request fails.')
    .action(warm);
  return command;
}
