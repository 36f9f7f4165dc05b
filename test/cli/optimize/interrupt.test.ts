import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { candidateFile } from '../../../cli/optimize/candidate-file';
import { optimize } from '../../../cli/optimize/optimize';
import { findTarget } from '../../../cli/optimize/target';
import { eventually } from '../../support/requests';

const ROOT = join(__dirname, '../../..');

let folder: string;
let scale: string;
let endless: string;
let interrupt: AbortController;
beforeEach(() => {
  interrupt = new AbortController();
  folder = mkdtempSync(join(tmpdir(), 'headroom-interrupt-'));
  // GIVEN a model, and one that takes for ever to load
  scale = join(folder, 'scale.onnx');
  endless = join(folder, 'endless.onnx');
  for (const file of [scale, endless]) cpSync(join(ROOT, 'test/fixtures/models/scale.onnx'), file);
});
afterEach(() => {
  // A test that fails before it comes to that must not leave a process that never ends.
  interrupt.abort();
  rmSync(folder, { recursive: true });
});

function pids(): number[] {
  const file = join(folder, 'pids');
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').map(Number) : [];
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** What a terminal sends to the group of the command does not reach others; see proc_pid_stat(5). */
function groupOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[2]);
}

describe('an interrupt ends the command and all that it started', () => {
  test.each([
    ['the original is opened', () => endless, () => scale, 1],
    // The original, its copy, and the candidate.
    ['a candidate is opened', () => scale, () => endless, 3],
  ])('while %s', async (_, original, candidate, started) => {
    const optimizing = optimize({
      target: await findTarget(original(), folder),
      evaluation: { label: 'label' },
      techniques: [candidateFile(candidate())],
      maxLoss: 0.01,
      candidatePath: join(ROOT, 'test/fixtures/workers/endless-candidate.cjs'),
      folder,
      signal: interrupt.signal,
      progress: () => undefined,
    });
    const ended = expect(optimizing).rejects.toMatchObject({ name: 'AbortError' });
    await eventually(
      async () => pids().length,
      (count) => count === started,
    );
    // It comes to the command alone, which would else take the end of a candidate for a fault.
    expect(pids().map(groupOf)).not.toContain(groupOf(process.pid));
    // WHEN
    interrupt.abort();
    // THEN
    await ended;
    await eventually(
      async () => pids().filter(isRunning),
      (running) => running.length === 0,
    );
  });
});
