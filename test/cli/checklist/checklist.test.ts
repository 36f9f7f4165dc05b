import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { parseDocument } from 'yaml';
import type { Checklist } from '../../../cli/checklist/checklist';
import type { Point } from '../../../cli/checklist/point';
import { headroom } from '../../support/command-line';
import { provenanceOf } from '../../support/provenance';

const SPEC = `name: shop
models:
  fraud: {useCase: fraud-detection, path: models/fraud, peakQps: 100, pool: web}
pools:
  web: {hardware: cpu, minReplicas: 2, maxReplicas: 4}
growth: 3
`;
const MANIFESTS = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers:
        - startupProbe: {failureThreshold: 10, periodSeconds: 3}
          resources: {requests: {cpu: "1"}, limits: {memory: 512Mi}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web-hpa}
spec: {scaleTargetRef: {kind: Deployment, name: web}, maxReplicas: 5}
---
kind: PodMonitor
metadata: {name: web}
---
kind: PrometheusRule
metadata: {name: web}
spec: {groups: [{rules: [{alert: TooSlow}, {record: x}]}]}
`;
const now = () => new Date().toISOString();

const TARGET = {
  ...{ name: 'fraud', distinctInputs: 20, offered: 1000, offeredQps: 55, answeredQps: 55 },
  ...{ tooMany: 0, unavailable: 0, failed: 0, latencyMs: { p50: 5, p95: 50, p99: 90 }, cacheHitRatio: 0.9 },
};
const LOAD = {
  ...{ report: 'load', url: 'http://127.0.0.1:8000', traffic: '55 requests/s for 20 s', holds: true },
  generator: { limits: [] },
};
const CAPACITY = { name: 'fraud', capacityQps: 100, atCapacity: { cores: 0.8 }, memoryBytes: 2e8, coldStartSeconds: 4 };
const POOL = { name: 'web', holds: true, maxReplicas: 4 };
const MEASURED = { verdict: { outcome: 'pays', latencySpeedup: 2, throughputSpeedup: 2 } };
const OPTIMIZATION = { model: { name: 'fraud', digest: 'a' }, candidates: [{ id: 'int8', result: MEASURED }] };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'headroom-checklist-'));
  for (const name of ['reports', 'dist']) mkdirSync(join(folder, name));
  writeFileSync(join(folder, 'headroom.yaml'), SPEC);
});
afterEach(() => rmSync(folder, { recursive: true }));

function report(name: string, content: object): void {
  writeFileSync(join(folder, 'reports', `${name}.json`), JSON.stringify(content));
}

/** Everything that speaks for the system, with changes to single reports. */
function evidence({ target = {}, load = {}, capacity = {}, pool = {}, optimization = {} } = {}): void {
  writeFileSync(join(folder, 'dist', 'web.k8s.yaml'), MANIFESTS);
  report('load', { ...LOAD, at: now(), targets: [{ ...TARGET, ...target }], ...load });
  report('capacity', { report: 'capacity', at: now(), models: [{ ...CAPACITY, ...capacity }] });
  report('simulate', { report: 'simulate', at: now(), traffic: 'flash', growth: 3, pools: [{ ...POOL, ...pool }] });
  report('optimize', { measuredAt: now(), ...OPTIMIZATION, ...optimization });
}

async function run(...flags: string[]): Promise<{ result: Checklist; code: number; stdout: string }> {
  const at = (name: string) => join(folder, name);
  const { stdout, code } = await headroom(
    ...['checklist', '--spec', at('headroom.yaml'), '--reports', at('reports'), '--manifests', at('dist'), '--json'],
    ...flags,
  );
  return { result: JSON.parse(stdout), code, stdout };
}

const POINTS = [
  ...['latency', 'throughput', 'autoscaling', 'caching', 'model optimised'],
  ...['load tested', 'monitoring', 'cold start', 'resource utilisation'],
];

async function point(title: string): Promise<Point | undefined> {
  const { result } = await run();
  return result.points.find((one) => one.title.startsWith(title));
}

describe('headroom checklist', () => {
  test('passes nine points where all is measured and holds, each with evidence', async () => {
    evidence();
    const { result, code } = await run();
    expect(code).toBe(0);
    expect(result.points.map(({ title, state }) => [POINTS.find((name) => title.startsWith(name)), state])).toEqual(
      POINTS.map((name) => [name, 'pass']),
    );
    for (const { findings } of result.points) {
      expect(findings.every(({ text }) => /reports.*less than 1 h old|web\.k8s\.yaml:\d+/.test(text))).toBe(true);
    }
  });

  test('knows nothing where there is no evidence, and says what would settle each point', async () => {
    const { result, code } = await run();
    expect(code).toBe(0);
    expect(result.points.map(({ state }) => state)).toEqual(POINTS.map(() => 'unknown'));
    expect(result.points.every(({ settle }) => /headroom |cdk8s synth/.test(settle))).toBe(true);
  });

  test('names the spec and the folder of reports that it was given in every command that settles a point', async () => {
    const { result } = await run();
    for (const { settle } of result.points) {
      for (const command of settle.split(/; |, or /).filter((part) => /^(headroom|HEADROOM_SPEC)/.test(part))) {
        if (!command.startsWith('headroom optimize')) expect(command).toContain(join(folder, 'headroom.yaml'));
        if (command.startsWith('headroom ')) expect(command).toContain(`--out ${join(folder, 'reports')}`);
      }
    }
  });

  test('leaves out what is where every command looks for it', async () => {
    // GIVEN a spec of the usual name in the working directory
    const before = process.cwd();
    process.chdir(folder);
    try {
      const { stdout } = await headroom('checklist');
      expect(stdout).toMatch(/to settle it: headroom load --local --find-capacity\n/);
      expect(stdout).toMatch(/to settle it: headroom optimize models\/fraud --out reports\/optimize-fraud.json\n/);
      // Manifests are made in a checkout, which this folder is not.
      const synth = `(cd ${join(__dirname, '../../..')} && HEADROOM_SPEC=${join(process.cwd(), 'headroom.yaml')} npx cdk8s synth`;
      expect(stdout).toContain(`${synth} --output ${join(process.cwd(), 'dist')})`);
    } finally {
      process.chdir(before);
    }
  });

  test('names what writes the manifests that are missing as it is to be typed', async () => {
    evidence();
    rmSync(join(folder, 'dist', 'web.k8s.yaml'));
    const found = await point('resource utilisation');
    const synth = `HEADROOM_SPEC=${join(folder, 'headroom.yaml')} npx cdk8s synth`;
    expect(found?.findings.map(({ text }) => text)).toEqual([
      `fraud: no CPU of web in ${join(folder, 'dist')}, which ${synth} writes`,
      `web: no memory limit in ${join(folder, 'dist')}, which ${synth} writes`,
    ]);
  });

  test('quotes a file whose name the shell would take apart', async () => {
    const odd = join(folder, "it's.yaml");
    writeFileSync(odd, SPEC);
    const { stdout } = await headroom('checklist', '--spec', odd);
    expect(stdout).toContain(`--spec '${odd.replace("'", "'\\''")}'`);
  });

  test('repeats the cause and the cure that the simulation found', async () => {
    const changes = [{ setting: 'maxReplicas', from: 4, to: 9, reason: 'more traffic' }];
    evidence({ pool: { holds: false, advice: { cause: 'the peak needs 9 replicas', changes } } });
    const found = await point('autoscaling');
    expect(found?.findings[1]?.text).toContain('up to 4 replicas: the peak needs 9 replicas (');
    expect(found?.settle).toMatch(/^set pools\.web\.maxReplicas to 9 in \S+headroom\.yaml; HEADROOM_SPEC=/);
  });

  describe('whose advice on scaling is followed', () => {
    const spec = (limits: string, peakQps = 900) => `name: shop
models:
  fraud: {useCase: fraud-detection, path: models/fraud, peakQps: ${peakQps}, pool: web}
pools:
  web: {hardware: cpu, ${limits}}
growth: 10
`;
    const flags = () => ['--spec', join(folder, 'headroom.yaml')];
    const simulate = () =>
      headroom(
        ...['simulate', '--shape', 'flash', '--growth', '10', ...flags()],
        ...['--out', join(folder, 'reports', 'simulate.json')],
      );

    /** What a person does who is told how to settle it; manifests do not matter here. */
    async function follow(settle: string): Promise<void> {
      const [changes = '', ...commands] = settle.split('; ');
      const file = join(folder, 'headroom.yaml');
      const document = parseDocument(readFileSync(file, 'utf8'));
      for (const [, path = '', value] of changes.matchAll(/set (\S+) to (\d+)/g)) {
        document.setIn(path.split('.'), Number(value));
      }
      writeFileSync(file, String(document));
      for (const command of commands.filter((one) => one.startsWith('headroom '))) {
        const { stderr } = await headroom(...command.split(' ').slice(1));
        expect(stderr).not.toMatch(/error|warning/);
      }
    }

    test.each([
      ['a written plan', 'minReplicas: 2, maxReplicas: 100', ['--write']],
      ['a written plan that allows more than the spec', 'minReplicas: 2, maxReplicas: 20', ['--write']],
      ['a plan that was written for another growth', 'minReplicas: 2, maxReplicas: 20', ['--write', '--growth', '3']],
      ['no plan', 'minReplicas: 2, maxReplicas: 20', []],
    ])('has it settled, with %s', async (_, limits, plan) => {
      // GIVEN a flash crowd that comes faster than replicas start
      writeFileSync(join(folder, 'dist', 'web.k8s.yaml'), MANIFESTS);
      writeFileSync(join(folder, 'headroom.yaml'), spec(limits));
      if (plan.length > 0) await headroom('plan', ...flags(), ...plan);
      await simulate();
      const before = await point('autoscaling');
      expect(before?.state).toBe('fail');
      // WHEN the advice is followed
      await follow(before?.settle ?? '');
      // THEN the point holds
      expect((await point('autoscaling'))?.state).toBe('pass');
    });

    test('is told by the simulation to plan again, for the same growth', async () => {
      writeFileSync(join(folder, 'headroom.yaml'), spec('minReplicas: 2, maxReplicas: 100'));
      await headroom('plan', ...flags(), '--write', '--growth', '3');
      const { stdout } = await simulate();
      expect(stdout).toContain(`  then headroom plan --growth 3 --write --spec ${join(folder, 'headroom.yaml')} (`);
    });
  });

  test('passes on configuration alone only what is configuration', async () => {
    writeFileSync(join(folder, 'dist', 'web.k8s.yaml'), MANIFESTS);
    const { result } = await run();
    expect(result.points.filter(({ state }) => state === 'pass').map(({ title }) => title)).toEqual([
      'monitoring and alerting',
    ]);
  });

  test('counts with the replicas that the manifest allows, else with those of the spec', async () => {
    const texts = async () => (await point('throughput'))?.findings.map(({ text }) => text);
    evidence();
    expect(await texts()).toEqual([
      expect.stringMatching(
        /^web: 3 times today's peak needs 5 replicas at 70 % .* at most 5 are allowed by .*web\.k8s\.yaml:11/,
      ),
    ]);
    writeFileSync(join(folder, 'dist', 'web.k8s.yaml'), MANIFESTS.split('---')[0] ?? '');
    expect(await texts()).toEqual([expect.stringMatching(/at most 4 are allowed by .*headroom\.yaml/)]);
  });

  test('gives the line of a manifest', async () => {
    evidence();
    expect((await point('autoscaling'))?.findings[0]?.text).toMatch(
      /web: HorizontalPodAutoscaler \(.*web\.k8s\.yaml:11\)/,
    );
  });

  test.each([
    ['latency', { target: { latencyMs: { p50: 5, p95: 101, p99: 120 } } }],
    ['latency', { target: { latencyMs: { p50: 5, p95: 50, p99: 201 } } }],
    ['latency', { target: { failed: 51 } }],
    // 300 requests/s by 5 replicas, each at 70 % of its capacity
    ['throughput', { capacity: { capacityQps: 85 } }],
    ['throughput', { capacity: { capacityQps: undefined } }],
    ['autoscaling', { pool: { holds: false } }],
    ['caching', { target: { cacheHitRatio: 0 } }],
    ['model optimised', { optimization: { recommended: 'int8' } }],
    ['load tested', { load: { holds: false } }],
    ['cold start', { capacity: { coldStartSeconds: 31 } }],
    ['resource utilisation', { capacity: { atCapacity: { cores: 0.6 } } }],
    // (264 + 64) MiB × 1.25 / 0.8 = 513 MiB
    ['resource utilisation', { capacity: { memoryBytes: 264 * 2 ** 20 } }],
  ])('fails %s where it was measured to miss', async (title, changes) => {
    evidence(changes);
    const { result, code } = await run();
    expect(code).toBe(1);
    expect(result.points.filter(({ state }) => state === 'fail').map((one) => one.title)).toEqual([
      expect.stringContaining(title),
    ]);
  });

  test.each([
    ['latency', { target: { offeredQps: 40 } }, /its part of the peak is 50/],
    [
      'latency',
      { load: { url: 'https://shop.example.com' } },
      /tested with 55 requests\/s, its part of the peak is 100/,
    ],
    ['latency', { load: { generator: { limits: ['its event loop was busy'] } } }, /the load generator was the limit/],
    [
      'latency',
      {
        target: { latencyMs: { p50: 5, p95: 500, p99: 900 } },
        load: { disturbance: 'other programs kept 1 of 2 cores busy' },
      },
      /p95 500 ms .*, but other programs kept 1 of 2 cores busy$/,
    ],
    ['load tested', { load: { holds: undefined } }, /no load with a verdict/],
    [
      'load tested',
      { load: { holds: false, disturbance: 'other programs kept 1 of 2 cores busy' } },
      /the SLO did not hold .*, but other programs kept 1 of 2 cores busy$/,
    ],
    ['caching', { target: { distinctInputs: 1e9 } }, /no load with inputs that repeat/],
    ['cold start', { capacity: { coldStartSeconds: undefined } }, /did not start the service/],
    ['throughput', { capacity: { capacityQps: undefined, limitedBy: 'others' } }, /kept the machine too busy/],
    [
      'model optimised',
      { optimization: { candidates: [{ id: 'int8', result: { notMeasured: 'needs Python', applies: true } }] } },
      /no candidate could be measured/,
    ],
    ['resource utilisation', { capacity: { atCapacity: {} } }, /the CPU was not measured/],
    [
      'resource utilisation',
      { capacity: { memoryBytes: undefined } },
      /no measurement of the memory of fraud that counts/,
    ],
  ])('leaves %s unknown where the measurement proves nothing', async (title, changes, reason) => {
    evidence(changes);
    const found = await point(title);
    expect(found?.state).toBe('unknown');
    expect(found?.findings).toContainEqual({ state: 'unknown', text: expect.stringMatching(reason) });
  });

  test.each(['throughput', 'resource utilisation'])(
    'finds no capacity for %s at a rate that was only the highest tried',
    async (title) => {
      evidence({ capacity: { limitedBy: 'max-rate' } });
      const found = await point(title);
      expect(found?.state).toBe('unknown');
      expect(found?.findings[0]?.text).toMatch(
        /^fraud: no capacity was found, as the SLO still held at 100 .*--max-rate/,
      );
      expect((await point('cold start'))?.state).toBe('pass');
    },
  );

  test('counts with the capacity that was found before one that was not', async () => {
    evidence({ capacity: { limitedBy: 'max-rate', capacityQps: 1 } });
    const at = new Date(Date.now() - 7_200_000).toISOString();
    report('older', { report: 'capacity', at, models: [CAPACITY] });
    expect(await point('throughput')).toMatchObject({
      state: 'pass',
      findings: [{ text: expect.stringContaining('older.json') }],
    });
  });

  test('does not believe what is older than it may be', async () => {
    evidence();
    const at = new Date(Date.now() - 40 * 24 * 3_600_000).toISOString();
    report('load', { ...LOAD, at, targets: [TARGET] });
    const { result } = await run();
    expect(result.points[0]?.findings[0]?.text).toMatch(
      /measured too long ago, at most 30 days \(.*load\.json, 40 days old\)/,
    );
    expect((await run('--max-age-days', '50')).result.points[0]?.state).toBe('pass');
  });

  test('does not believe what was measured with another artifact', async () => {
    // GIVEN a model whose file is not the one that was loaded
    mkdirSync(join(folder, 'models', 'fraud', '1'), { recursive: true });
    writeFileSync(join(folder, 'models', 'fraud', '1', 'model.onnx'), 'another model');
    evidence({ target: { digest: 'b'.repeat(64) } });
    expect((await point('latency'))?.findings[0]?.text).toMatch(
      /measured with the artifact bbbbbbbbbbbb, [0-9a-f]{12} is deployed/,
    );
  });

  test('adds up the memory of the models that a replica of a pool holds, as the plan does', async () => {
    // GIVEN three models of one pool, each of which alone is far from the limit
    const names = ['fraud', 'spam', 'theft'];
    const line = SPEC.split('\n').find((text) => text.includes('fraud-detection')) ?? '';
    const lines = names.map((name) => line.replaceAll(/(?<=^ {2}|models\/)fraud/g, name));
    writeFileSync(join(folder, 'headroom.yaml'), SPEC.replace(line, lines.join('\n')));
    evidence();
    report('capacity', { report: 'capacity', at: now(), models: names.map((name) => ({ ...CAPACITY, name })) });
    // THEN (3 × 190.7 + 64) MiB × 1.25 / 0.8 are too many
    expect((await point('resource utilisation'))?.findings).toContainEqual({
      state: 'fail',
      text: expect.stringMatching(/^web: 3 models and the cache need 995 MiB, .* the memory limit is 512 MiB \(/),
    });
  });

  test('passes a model whose recommended version is the one deployed', async () => {
    // GIVEN a model that was made from the one that was optimised
    mkdirSync(join(folder, 'models', 'fraud', '2'), { recursive: true });
    const file = 'the INT8 version';
    writeFileSync(join(folder, 'models', 'fraud', '2', 'model.onnx'), file);
    const digest = createHash('sha256').update(file).digest('hex');
    const parent = 'a'.repeat(64);
    const provenance = [provenanceOf(digest, parent)];
    writeFileSync(join(folder, 'models', 'fraud', 'model.yaml'), JSON.stringify({ provenance }));
    evidence({ optimization: { recommended: 'dynamic-int8', model: { name: 'fraud', digest: parent } } });
    expect(await point('model optimised')).toMatchObject({
      state: 'pass',
      findings: [{ text: expect.stringContaining('dynamic-int8 is deployed') }],
    });
  });

  test('takes the newest of several reports', async () => {
    evidence();
    const at = new Date(Date.now() - 7_200_000).toISOString();
    report('older', { ...LOAD, at, targets: [{ ...TARGET, latencyMs: { p50: 5, p95: 999, p99: 999 } }] });
    expect((await point('latency'))?.state).toBe('pass');
  });

  test.each(['--reports', '--manifests'])('says that %s is a file where a folder is expected', async (flag) => {
    const spec = join(folder, 'headroom.yaml');
    const { code, stderr } = await headroom('checklist', '--spec', spec, flag, spec);
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/^error: cannot read the \w+ in .*headroom\.yaml: [^\n]*\n$/),
    ]);
  });

  test('names the manifest that is not YAML, and where', async () => {
    writeFileSync(join(folder, 'dist', 'broken.yaml'), 'kind: [Deployment');
    const { code, stderr } = await headroom(
      'checklist',
      '--spec',
      join(folder, 'headroom.yaml'),
      '--manifests',
      join(folder, 'dist'),
    );
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/^error: the manifest .*broken\.yaml is not YAML: .*line 1[^\n]*\n$/),
    ]);
  });

  test('passes over files that are no reports', async () => {
    evidence();
    writeFileSync(join(folder, 'reports', 'broken.json'), '{');
    report('other', { report: 'load' });
    expect((await run()).result.state).toBe('pass');
  });

  test('misses an autoscaler and alerts that manifests do not have', async () => {
    evidence();
    writeFileSync(join(folder, 'dist', 'web.k8s.yaml'), MANIFESTS.split('---')[0] ?? '');
    expect((await point('autoscaling'))?.state).toBe('fail');
    expect((await point('monitoring'))?.findings.map(({ state }) => state)).toEqual(['fail', 'fail']);
  });

  test('is printed for people, and written as one page', async () => {
    evidence({ pool: { holds: false } });
    const html = join(folder, 'page.html');
    const { stdout } = await headroom(
      ...['checklist', '--spec', join(folder, 'headroom.yaml'), '--reports', join(folder, 'reports')],
      ...['--manifests', join(folder, 'dist'), '--html', html],
    );
    expect(stdout).toMatch(/^shop: 8 of 9 pass, 1 fail, 0 unknown\n/);
    expect(stdout).toMatch(/\n3 {2}FAIL {5}autoscaling configured and tested\n/);
    expect(stdout).toMatch(
      /to settle it: HEADROOM_SPEC=\S+ npx cdk8s synth; headroom simulate --shape flash --growth 3/,
    );
    expect(readFileSync(html, 'utf8')).not.toMatch(/(src|href)=|<script/);
  });
});
