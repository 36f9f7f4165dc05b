import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { IMAGE } from '../../lib/contract';
import { ROOT, type ServiceProcess, startService } from '../support/service-process';
import { environmentOf } from './pod-template';
import { find, SHOP, synth } from './synth';

let service: ServiceProcess;

beforeAll(async () => {
  // GIVEN what the Deployment and the ConfigMap of a pool give to a pod, with the checkout in place of the image
  const manifests = synth(SHOP);
  const { data } = find(manifests, 'ConfigMap', 'recommender-config');
  const spec = join(mkdtempSync(join(tmpdir(), 'headroom-')), 'headroom.yaml');
  writeFileSync(spec, (data?.['headroom.yaml'] ?? '').replaceAll(IMAGE.directory, ROOT));
  const { HEADROOM_SPEC: _, ...environment } = environmentOf(manifests, 'recommender');
  // WHEN the service starts with it, but does not linger at the end
  service = await startService(['--spec', spec, '--pre-stop-ms', '0'], environment);
});

afterAll(() => service.stop());

test('a pod serves the models of its pool and no others', () => {
  expect(service.announcement.models.map(({ name }) => name)).toEqual(['recommendations']);
});

test('a pod promises the SLO of the spec', () => {
  expect(service.announcement.models[0]?.slo).toEqual({ p95Ms: 50, acceptableMs: 100 });
});
