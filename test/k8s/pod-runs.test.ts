import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { IMAGE } from '../../lib/contract';
import { ROOT, runHeadroom, type ServiceProcess, startService } from '../support/service-process';
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

test('the pods of a batch run do their shards, together the whole', async () => {
  // GIVEN the pod of a Job of two shards, with a folder in place of the volume
  const batch = {
    model: 'recommendations',
    input: 'in.jsonl',
    output: 'out',
    claim: 'c',
    shards: 2,
    format: 'jsonl',
  } as const;
  const manifests = synth(SHOP, { batch });
  const { template } = Object(manifests.find(({ kind }) => kind === 'Job')?.spec);
  const data = mkdtempSync(join(tmpdir(), 'headroom-'));
  writeFileSync(join(data, 'in.jsonl'), '{"tea":true}\n{"coffee":true}\n');
  const spec = join(data, 'headroom.yaml');
  const { data: config } = find(manifests, 'ConfigMap', 'recommender-config');
  writeFileSync(spec, (config?.['headroom.yaml'] ?? '').replaceAll(IMAGE.directory, ROOT));
  const [container] = template.spec.containers;
  const args: string[] = container.args.map((arg: string) =>
    arg.replace('/data', data).replace('/etc/headroom/headroom.yaml', spec),
  );
  const { HEADROOM_SPEC: _, ...environment } = environmentOf(manifests, 'recommender');
  // WHEN both pods run, the second one first
  const ended = await Promise.all(
    ['1', '0'].map((index) => runHeadroom(args, ROOT, { ...environment, JOB_COMPLETION_INDEX: index })),
  );
  // THEN
  expect(ended.map(({ code, stderr }) => (code === 0 ? 0 : stderr))).toEqual([0, 0]);
  expect(readdirSync(join(data, 'out')).sort()).toEqual(['_SUCCESS', '_plan.json', 'part-000000.jsonl']);
});
