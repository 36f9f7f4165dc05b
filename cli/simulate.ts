import { Command } from 'commander';
import { loadRecording } from '../lib/plan/simulate/recording';
import { replay } from '../lib/plan/simulate/replay';

const EXAMPLES = `
Examples:
  $ headroom simulate --replay recording.json --json      what the HPA decides in the scenario of a recording`;

interface Flags {
  readonly replay?: string;
  readonly json?: true;
}

/** `headroom simulate`: whether a plan holds under a traffic, before the traffic comes. */
export function simulateCommand(): Command {
  return new Command('simulate')
    .description('simulate traffic against the plan: replicas, latency and lost requests over time')
    .option('--replay <file>', 'scenario and HPA of a recorded controller, in place of a spec and a shape')
    .option('--json', 'print the result as one line of JSON')
    .addHelpText('after', EXAMPLES)
    .action((flags: Flags) => {
      if (flags.replay !== undefined) replayRecording(flags.replay, flags.json !== undefined);
    });
}

function replayRecording(file: string, json: boolean): void {
  const samples = replay(loadRecording(file));
  process.stdout.write(json ? `${JSON.stringify({ samples })}\n` : describeChanges(samples));
}

function describeChanges(samples: readonly { t: number; spec: number }[]): string {
  const changes = samples.filter(({ spec }, i) => spec !== samples[i - 1]?.spec);
  return changes.map(({ t, spec }) => `${String(t).padStart(6)} s  ${spec} replicas\n`).join('');
}
