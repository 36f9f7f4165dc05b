import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { ArtifactServer, faults } from '../support/artifact-server';
import { ModelFolder } from '../support/model-folder';
import { errorOf, eventually, post, send } from '../support/requests';
import { S3Server } from '../support/s3-server';
import { ROOT, runHeadroom, type ServiceProcess, startService } from '../support/service-process';
import { SmallDisk } from '../support/small-disk';

let server: ArtifactServer;
let directory: string;
let models: ModelFolder;
let environment: Record<string, string>;

beforeAll(async () => {
  server = await ArtifactServer.start();
  environment = { NODE_EXTRA_CA_CERTS: server.certificatePath };
});
afterAll(() => server.close());
beforeEach(() => {
  server.behave();
  directory = mkdtempSync(join(tmpdir(), 'headroom-remote-'));
  models = new ModelFolder().add('scale');
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
  models.delete();
});

const push = (target = join(server.directory, 'scale')) => runHeadroom(['push', join(models.path, 'scale'), target]);

function specOf(url: string): string {
  const file = join(directory, 'headroom.yaml');
  const model = `{useCase: fraud-detection, path: '${url}', peakQps: 1, pool: main}`;
  writeFileSync(file, `name: test\nmodels:\n  scale: ${model}\npools:\n  main: {hardware: cpu}\n`);
  return file;
}

const serve = (url = `${server.url}/scale`, cache = join(directory, 'cache'), settings = environment) =>
  startService(
    ['--spec', specOf(url), '--artifact-cache', cache, '--artifact-poll-ms', '100', '--poll-interval-ms', '50'],
    settings,
  );

interface Entry {
  readonly version: string;
  readonly state: string;
  readonly reason: string;
}
const indexOf = async ({ url }: ServiceProcess) =>
  (await post(`${url}/v2/repository/index`, {})).json as readonly Entry[];

describe('a service with a model on a CDN', () => {
  test('serves it, takes a new version without a restart, and keeps the old where a newer is broken', async () => {
    await push();
    const service = await serve();
    try {
      expect(await indexOf(service)).toMatchObject([{ version: '1', state: 'READY', reason: '' }]);
      // WHEN version 2 is pushed
      models.add('scale', 'scale', 2);
      await push();
      await eventually(
        () => indexOf(service),
        (index) => index.some(({ version, state }) => version === '2' && state === 'READY'),
      );
      // and a version 3 that cannot be fetched
      models.add('scale', 'total', 3);
      server.misbehave('blobs', faults.forbids);
      await push();
      const index = await eventually(
        () => indexOf(service),
        (entries) => entries.some(({ version }) => version === '3'),
      );
      // THEN the index says why, and the others serve
      expect(index.map(({ version, state }) => `${version} ${state}`)).toEqual(['1 READY', '2 READY', '3 UNAVAILABLE']);
      expect(index[2]?.reason).toBe(
        `3/model.onnx cannot be fetched from ${server.url}/scale: the server answers 403 (AccessDenied: Access Denied)`,
      );
      // Its log comes on another way than its answers.
      await eventually(
        async () => service.log(),
        (log) => log.includes('remote model cannot be fetched'),
      );
      const { text } = await send(`${service.adminUrl}/metrics`);
      expect(text).toMatch(/artifact_files_total\{model="scale",outcome="fetched"\} 1/);
      expect(text).toMatch(/^artifact_cache_bytes [1-9]\d+$/m);
    } finally {
      expect(await service.stop()).toBe(0);
    }
  });

  test('starts again without the network', async () => {
    await push();
    await (await serve()).stop();
    server.misbehave('', (response) => response.destroy());
    const service = await serve();
    try {
      expect((await indexOf(service)).map(({ version, state }) => `${version} ${state}`)).toEqual(['1 READY']);
    } finally {
      await service.stop();
    }
  });

  test('and by a folder is fetched from the store of models, before the start or by it', async () => {
    // GIVEN a spec that names the model by a folder that is not here, and a pull into the cache as an init container does
    await push();
    const cache = join(directory, 'cache');
    const settings = { ...environment, HEADROOM_MODEL_STORE: server.url, HEADROOM_ARTIFACT_CACHE: cache };
    const pulled = await runHeadroom(['pull', '--spec', specOf('nowhere/scale'), '--json'], ROOT, settings);
    expect(JSON.parse(pulled.stdout)).toEqual({
      models: [{ name: 'scale', url: `${server.url}/scale`, problems: [] }],
    });
    // WHEN the service starts with that cache, and the store is away
    server.misbehave('', (response) => response.destroy());
    const service = await startService(['--spec', specOf('nowhere/scale')], settings);
    // THEN
    try {
      expect((await indexOf(service)).map(({ version, state }) => `${version} ${state}`)).toEqual(['1 READY']);
    } finally {
      await service.stop();
    }
  });

  test('that was never there says so to who asks for it', async () => {
    const service = await serve(`${server.url}/absent`);
    try {
      const answer = await post(`${service.url}/v2/models/scale/infer`, {});
      expect(answer.status).toBe(503);
      expect(errorOf(answer)).toContain(
        `manifest.json cannot be fetched from ${server.url}/absent: the server answers 404`,
      );
    } finally {
      await service.stop();
    }
  });
});

describe('while a new version cannot be fetched, the old one answers and the index says why', () => {
  /** A server of this test's own, which may go. */
  let origin: ArtifactServer;
  let disk: SmallDisk;
  beforeEach(async () => {
    origin = await ArtifactServer.start();
    disk = new SmallDisk(4);
  });
  afterEach(async () => {
    if (origin.isListening) await origin.close();
    disk.delete();
  });

  const addVersion = () => {
    models.add('scale', 'total', 2);
    return push(join(origin.directory, 'scale'));
  };
  const addLargeVersion = () => {
    models.add('scale', 'scale', 2);
    writeFileSync(join(models.path, 'scale', '2', 'model.data'), Buffer.alloc(8 * 2 ** 20, 'headroom'));
    return push(join(origin.directory, 'scale'));
  };
  const double = async ({ url }: ServiceProcess): Promise<unknown> => {
    const x = { name: 'x', shape: [1, 2], datatype: 'FP32', data: [1, 2] };
    const factor = { name: 'factor', shape: [], datatype: 'FP32', data: [2] };
    return Object((await post(`${url}/v2/models/scale/infer`, { inputs: [x, factor] })).json).outputs[0].data;
  };

  test.each([
    ['it is not what the manifest says', faults.lies, addVersion, 'the file has the sha256'],
    ['the server answers 403', faults.forbids, addVersion, 'the server answers 403 (AccessDenied: Access Denied)'],
    ['the disk is full', undefined, addLargeVersion, 'is full: 8388608 bytes are needed'],
    ['the server has vanished', undefined, () => origin.close(), 'the server refuses connections'],
  ])('%s', async (_, fault, change, reason) => {
    // GIVEN a service with version 1
    await push(join(origin.directory, 'scale'));
    const settings = { NODE_EXTRA_CA_CERTS: origin.certificatePath };
    const service = await serve(`${origin.url}/scale`, join(disk.path, 'cache'), settings);
    try {
      // WHEN what is new cannot be fetched
      if (fault !== undefined) origin.misbehave('blobs', fault);
      await change();
      const index = await eventually(
        () => indexOf(service),
        // A look that is under way while the server goes has its connection closed; the next one is refused.
        (entries) => entries.some((entry) => entry.reason.includes(reason)),
      );
      // THEN
      expect(index.find((entry) => entry.reason !== '')?.reason).toContain(reason);
      expect(index).toContainEqual(expect.objectContaining({ version: '1', state: 'READY' }));
      expect(await double(service)).toEqual([2, 4]);
    } finally {
      expect(await service.stop()).toBe(0);
    }
  });
});

test('a pull that is killed in the middle goes on where it was', async () => {
  // GIVEN a model with 40 MiB of external data, of which the first three parts arrive and the fourth stalls
  writeFileSync(join(models.path, 'scale', '1', 'model.data'), Buffer.alloc(40 * 2 ** 20, 'headroom'));
  await push();
  server.misbehave('blobs', (response, body, status) => {
    response.writeHead(status, { 'content-length': body.length });
    if (String(response.getHeader('content-range')).startsWith('bytes 0-')) response.end(body);
    else response.write(body.subarray(0, 1000));
  });
  const spec = specOf(`${server.url}/scale`);
  const pull = (): ChildProcess =>
    spawn(
      process.execPath,
      [join(ROOT, '.build', 'headroom.js'), 'pull', '--spec', spec, '--to', join(directory, 'to')],
      {
        env: { ...process.env, ...environment },
        stdio: 'ignore',
      },
    );
  const partial = join(directory, 'to', '.artifacts', 'partial');
  const first = pull();
  await eventually(
    async () => filesNamed(partial, 'done').map((log) => readFileSync(log, 'utf8')),
    (logs) => logs.some((log) => log.split('\n').length > 2),
  );
  // WHEN the process is killed and another begins
  first.kill('SIGKILL');
  await new Promise((resolve) => first.once('exit', resolve));
  server.behave();
  server.requests.length = 0;
  const second = pull();
  const code = await new Promise((resolve) => second.once('exit', resolve));
  // THEN the part that had arrived is not asked for again
  expect(code).toBe(0);
  const asked = new Set(server.requests.filter((request) => request.includes('bytes=')));
  expect(asked.size).toBe(4);
  expect([...asked].filter((request) => request.includes('bytes=0-'))).toEqual([]);
  expect(statSync(join(directory, 'to', 'scale', '1', 'model.data')).size).toBe(40 * 2 ** 20);
});

/** Files of this name in the folders of `path`, none where it is not there yet. */
function filesNamed(path: string, name: string): string[] {
  if (!existsSync(path)) return [];
  return readdirSync(path)
    .map((folder) => join(path, folder, name))
    .filter((file) => existsSync(file));
}

describe('a model in S3', () => {
  const BUCKET = 'shop-models';
  let s3: S3Server;

  beforeAll(async () => {
    s3 = await S3Server.start(BUCKET);
  });
  afterAll(() => s3.stop());
  const headroom = (argv: readonly string[], extra: Record<string, string> = {}) =>
    runHeadroom(argv, directory, { ...s3.environment, ...extra });

  test('is pushed, pushed again without sending anything, and pulled', async () => {
    const target = `s3://${BUCKET}/prod/scale`;
    const first = await headroom(['push', join(models.path, 'scale'), target]);
    const again = await headroom(['push', join(models.path, 'scale'), target]);
    const pulled = await headroom(['pull', '--spec', specOf(target), '--to', 'to']);
    expect([first.stdout, again.stdout].map((text) => text.split(' ')[0])).toEqual(['sent', 'there']);
    expect(pulled).toMatchObject({ code: 0, stdout: `scale is as in ${target}\n` });
    const file = readFileSync(join(models.path, 'scale', '1', 'model.onnx'));
    expect(readFileSync(join(directory, 'to', 'scale', '1', 'model.onnx')).equals(file)).toBe(true);
  });

  test('of a bucket that does not exist is told with exit code 1', async () => {
    const { code, stdout } = await headroom(['pull', '--spec', specOf('s3://no-such-bucket/scale'), '--to', 'to']);
    expect(code).toBe(1);
    expect(stdout).toContain('the server answers 404 (NoSuchBucket: The specified bucket does not exist)');
  });

  test('cannot be pushed with a key that S3 does not know', async () => {
    const argv = ['push', join(models.path, 'scale'), `s3://${BUCKET}/other`];
    const { code, stderr } = await headroom(argv, { AWS_ACCESS_KEY_ID: 'unknown' });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: .*scale cannot be pushed to s3:.*: the server answers 403 \(InvalidAccessKeyId/);
  });

  test('without credentials is told', async () => {
    const none = {
      AWS_ACCESS_KEY_ID: '',
      AWS_SECRET_ACCESS_KEY: '',
      AWS_EC2_METADATA_DISABLED: 'true',
      HOME: directory,
    };
    const { stdout } = await headroom(['pull', '--spec', specOf(`s3://${BUCKET}/scale`), '--to', 'to'], none);
    expect(stdout).toContain('there are no AWS credentials');
  });
});
