import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median } from '../cli/statistics';
import type { Figure } from './support/figures';

const ROOT = join(__dirname, '..');
const RUNS = 3;

/** `npx cdk synth` of the example spec as a person runs it: new processes, an empty cdk.out, validation on. */
export function measureSynth(): Figure[] {
  const times = Array.from({ length: RUNS }, synthSeconds);
  const detail = `median of ${RUNS} runs, ${Math.min(...times).toFixed(2)} to ${Math.max(...times).toFixed(2)} s`;
  return [{ name: 'cdk synth of headroom.yaml', value: median(times), unit: ' s', goal: { atMost: 6 }, detail }];
}

function synthSeconds(): number {
  const output = mkdtempSync(join(tmpdir(), 'headroom-synth-'));
  try {
    const startedMs = performance.now();
    execFileSync('npx', ['cdk', 'synth', '--quiet', '--output', output], { cwd: ROOT, stdio: 'ignore' });
    return (performance.now() - startedMs) / 1000;
  } finally {
    rmSync(output, { recursive: true, force: true });
  }
}
