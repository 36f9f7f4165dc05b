import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { main } from '../../cli/main';

const FLASH = join(__dirname, '../fixtures/hpa/hpa-flash.json');

/** Runs the command line in this process. */
async function headroom(...args: string[]): Promise<{ stdout: string; stderr: string; code: number }> {
  const written = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    jest.spyOn(process[name], 'write').mockImplementation((text) => {
      written[name] += String(text);
      return true;
    }),
  );
  process.exitCode = 0;
  try {
    await main(['node', 'headroom', ...args]);
    return { ...written, code: Number(process.exitCode) };
  } finally {
    process.exitCode = 0;
    for (const spy of spies) spy.mockRestore();
  }
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'headroom-simulate-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe('headroom simulate --replay', () => {
  test('prints the replicas of every second as JSON', async () => {
    const { stdout, code } = await headroom('simulate', '--replay', FLASH, '--json');
    const { samples }: { samples: { t: number; spec: number }[] } = JSON.parse(stdout);
    expect(code).toBe(0);
    expect(samples.slice(44, 47)).toEqual([
      { t: 44, spec: 2 },
      { t: 45, spec: 2 },
      { t: 46, spec: 6 },
    ]);
    expect(samples.every(({ t }, i) => t === i)).toBe(true);
  });

  test('prints the changes for a person', async () => {
    const { stdout } = await headroom('simulate', '--replay', FLASH);
    expect(stdout.split('\n').slice(0, 2)).toEqual(['     0 s  2 replicas', '    46 s  6 replicas']);
  });

  test('tells a recording that lacks something in one sentence', async () => {
    const { stderr, code } = await headroom('simulate', '--replay', file('bad.json', '{"hpa":{"maxReplicas":3}}'));
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: .*bad\.json is not a usable recording: syncPeriodSeconds: is missing[^\n]*\n$/);
  });
});
