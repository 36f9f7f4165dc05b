import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startService } from '../support/service-process';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'headroom-telemetry-'));
});

afterAll(() => rmSync(folder, { recursive: true }));

test('ONNX Runtime keeps no identity of the machine and no log of reports to its maker', async () => {
  // GIVEN a service whose environment says nothing of telemetry
  const service = await startService([], { TMPDIR: folder, ORT_DISABLE_TELEMETRY: undefined });
  // WHEN it has run its models, in workers and on the main thread
  expect((await fetch(`${service.url}/v2/health/ready`)).status).toBe(200);
  await service.stop();
  // THEN nothing lies where the runtime's telemetry writes as soon as it starts
  expect(readdirSync(folder)).toEqual([]);
});
