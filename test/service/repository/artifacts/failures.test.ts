import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { PART_BYTES } from '../../../../service/repository/artifacts/download';
import { ArtifactServer, faults } from '../../../support/artifact-server';
import { SmallDisk } from '../../../support/small-disk';
import { BRIEF_MS, random, SyncFixture } from './fixture';

let server: ArtifactServer;
let fixture: SyncFixture;

beforeAll(async () => {
  server = await ArtifactServer.start();
});
afterAll(() => server.close());
beforeEach(() => {
  server.behave();
  server.requests.length = 0;
  server.ignoresRanges = false;
  fixture = new SyncFixture(server);
});
afterEach(() => fixture.delete());

const LARGE = random(3 * PART_BYTES + 1000);
const read = (path: string) => readFileSync(join(fixture.folder, path));

describe('a large file', () => {
  test('arrives in parts and whole', async () => {
    fixture.publish({ '1/model.onnx': LARGE });
    const { sync } = await fixture.open();
    await sync.look(fixture.signal);
    expect(read('1/model.onnx').equals(LARGE)).toBe(true);
    expect(server.requests.filter((request) => request.includes('bytes='))).toHaveLength(4);
  });

  test('arrives over several connections at once', async () => {
    fixture.publish({ '1/model.onnx': LARGE });
    // GIVEN a server that answers for none of the parts after the first before it is asked for all of them
    const waiting: (() => void)[] = [];
    server.misbehave('blobs', (response, body, status) => {
      const answer = () => response.writeHead(status, { 'content-length': body.length }).end(body);
      if (String(response.getHeader('content-range')).startsWith('bytes 0-')) answer();
      else if (waiting.push(answer) === 3) for (const each of waiting) each();
    });
    const { sync } = await fixture.open();
    await sync.look(fixture.signal);
    expect([sync.problems, read('1/model.onnx').equals(LARGE)]).toEqual([[], true]);
  });

  test('that several versions have is fetched and kept once', async () => {
    const shared = random(5000);
    fixture.publish({ '1/model.onnx': 'one', '1/model.data': shared, '2/model.onnx': 'two', '2/model.data': shared });
    const { sync, store } = await fixture.open();
    await sync.look(fixture.signal);
    expect(server.requests.filter((request) => request.includes('blobs'))).toHaveLength(3);
    expect(await store.sizeBytes()).toBe(shared.length + 'onetwo'.length);
    expect([1, 2].map((version) => read(`${version}/model.data`).equals(shared))).toEqual([true, true]);
  });

  test('counts in the size of the store once it has arrived, as do the others', async () => {
    fixture.publish({ '1/model.onnx': LARGE, '2/model.onnx': 'another' });
    const { sync, store } = await fixture.open();
    const before = await store.sizeBytes();
    await sync.look(fixture.signal);
    expect([before, await store.sizeBytes()]).toEqual([0, LARGE.length + 'another'.length]);
  });

  test('arrives from a server that knows no ranges in one piece', async () => {
    server.ignoresRanges = true;
    fixture.publish({ '1/model.onnx': LARGE });
    const { sync } = await fixture.open();
    await sync.look(fixture.signal);
    expect(read('1/model.onnx').equals(LARGE)).toBe(true);
    expect(server.requests.filter((request) => request.includes('blobs'))).toHaveLength(1);
  });

  test('is gone on with after a failure, by the next process', async () => {
    // GIVEN a first process for which the last part is refused
    const { '1/model.onnx': sha256 } = fixture.publish({ '1/model.onnx': LARGE });
    let served = 0;
    server.misbehave(`blobs/${sha256}`, (response, body, status) => {
      served += 1;
      if (served <= 3) response.writeHead(status, { 'content-length': body.length }).end(body);
      else faults.forbids(response);
    });
    const first = await fixture.open();
    await first.sync.look(fixture.signal);
    expect(first.sync.problems).toHaveLength(1);
    // WHEN another looks
    server.behave();
    server.requests.length = 0;
    const second = await fixture.open();
    await second.sync.look(fixture.signal);
    // THEN what has arrived is not asked for again
    expect(server.requests.filter((request) => request.includes('bytes=0-'))).toEqual([]);
    expect(read('1/model.onnx').equals(LARGE)).toBe(true);
  });
});

describe('a server that fails now and then', () => {
  test.each(['stalls', 'truncates', 'endsEarly', 'breaks'] as const)('%s once: the model arrives', async (fault) => {
    const content = random(5000);
    fixture.publish({ '1/model.onnx': content });
    server.misbehave('blobs', faults[fault], 1);
    const { sync } = await fixture.open({ idleTimeoutMs: fault === 'stalls' ? BRIEF_MS : undefined });
    await sync.look(fixture.signal);
    expect(sync.problems).toEqual([]);
    expect(read('1/model.onnx').equals(content)).toBe(true);
  });
});

describe('a server that fails for good', () => {
  test.each([
    ['stalls', `the server sent nothing for ${BRIEF_MS} ms`],
    ['truncates', 'the server closed the connection'],
    ['endsEarly', 'the server ends after 500 of 1000 bytes'],
    ['breaks', 'the server answers 503 (Service Unavailable)'],
    ['forbids', 'the server answers 403 (AccessDenied: Access Denied)'],
  ] as const)('%s: one sentence, and the old version stays', async (fault, reason) => {
    // GIVEN a version that was fetched
    const old = random(1000);
    fixture.publish({ '1/model.onnx': old });
    const { sync } = await fixture.open({ idleTimeoutMs: fault === 'stalls' ? BRIEF_MS : undefined });
    await sync.look(fixture.signal);
    // WHEN a new one cannot be
    const { '2/model.onnx': sha256 } = fixture.publish({ '2/model.onnx': random(1000) });
    server.misbehave(`blobs/${sha256}`, faults[fault]);
    await sync.look(fixture.signal);
    // THEN
    const said = `2/model.onnx cannot be fetched from ${server.url}/m: ${reason}`;
    expect(sync.problems).toEqual([{ version: '2', reason: said }]);
    expect(readdirSync(fixture.folder).filter((name) => !name.startsWith('.'))).toEqual(['1']);
    expect(read('1/model.onnx').equals(old)).toBe(true);
  });

  test('for one version only: the others come, and no version goes before all is well', async () => {
    // GIVEN versions 1 and 2
    const [first, second, third] = [random(1000), random(1000), random(1000)];
    fixture.publish({ '1/model.onnx': first, '2/model.onnx': second });
    const { sync } = await fixture.open();
    await sync.look(fixture.signal);
    // WHEN 1 is dropped, other files for 2 cannot be fetched, and 3 can
    const { '2/model.onnx': sha256 } = fixture.publish({ '2/model.onnx': random(1000), '3/model.onnx': third });
    server.misbehave(`blobs/${sha256}`, faults.forbids);
    await sync.look(fixture.signal);
    // THEN
    expect(sync.problems.map(({ version }) => version)).toEqual(['2']);
    expect([1, 2, 3].map((version) => read(`${version}/model.onnx`).toString('hex'))).toEqual(
      [first, second, third].map((content) => content.toString('hex')),
    );
    // and once it can be, 1 goes
    server.behave();
    await sync.look(fixture.signal);
    expect(readdirSync(fixture.folder).filter((name) => !name.startsWith('.'))).toEqual(['2', '3']);
  });

  test('lies: the digest tells, nothing of it stays, and the next look can mend it', async () => {
    const content = random(1000);
    const { '1/model.onnx': sha256 } = fixture.publish({ '1/model.onnx': content });
    server.misbehave('blobs', faults.lies);
    const { sync } = await fixture.open();
    await sync.look(fixture.signal);
    expect(sync.problems[0]?.reason).toMatch(
      new RegExp(`the file has the sha256 [0-9a-f]{64}, but the manifest says ${sha256}`),
    );
    expect(readdirSync(join(fixture.storeDirectory, 'blobs'))).toEqual([]);
    expect(readdirSync(join(fixture.storeDirectory, 'partial'))).toEqual([]);
    server.behave();
    await sync.look(fixture.signal);
    expect(read('1/model.onnx').equals(content)).toBe(true);
  });

  test('has another size than the manifest says', async () => {
    const { '1/model.onnx': sha256 } = fixture.publish({ '1/model.onnx': random(1000) });
    fixture.write(`m/blobs/${sha256}`, random(999));
    const { sync } = await fixture.open();
    await sync.look(fixture.signal);
    expect(sync.problems[0]?.reason).toContain('the server has 999 bytes, but the manifest says 1000');
  });

  test('has a certificate that nobody vouches for', async () => {
    fixture.publish({ '1/model.onnx': random(10) });
    const { sync } = await fixture.open();
    const other = await ArtifactServer.start();
    // THEN a client that trusts another certificate only says so
    const stranger = new SyncFixture(other);
    Object.defineProperty(stranger.server, 'certificate', { value: server.certificate });
    const { sync: distrustful } = await stranger.open();
    await distrustful.look(fixture.signal);
    expect(distrustful.problems[0]?.reason).toContain('certificate');
    await other.close();
    stranger.delete();
    await sync.look(fixture.signal);
    expect(sync.problems).toEqual([]);
  });

  test('has vanished: what is on disk is served without it', async () => {
    fixture.publish({ '1/model.onnx': random(1000) });
    await (await fixture.open()).sync.look(fixture.signal);
    server.misbehave('', (response) => response.destroy());
    const { sync } = await fixture.open();
    expect(await sync.resume()).toBe(true);
    expect(existsSync(join(fixture.folder, '1/model.onnx'))).toBe(true);
  });
});

describe('a manifest', () => {
  test.each([
    ['no JSON', '<html>', 'the manifest is no JSON'],
    ['another JSON', '{"files":[]}', 'the manifest is no manifest'],
    [
      'a way out of the folder',
      `{"schemaVersion":1,"files":[{"path":"../x","sizeBytes":1,"sha256":"${'0'.repeat(64)}"}]}`,
      "the manifest names the path '../x', which is not one within a folder",
    ],
  ])('%s is told', async (_, text, reason) => {
    fixture.write('m/manifest.json', text);
    const { sync } = await fixture.open();
    await sync.look(fixture.signal);
    expect(sync.problems[0]?.reason).toContain(reason);
  });

  test('that has not changed is not sent again', async () => {
    fixture.publish({ '1/model.onnx': random(10) });
    const { sync } = await fixture.open();
    await sync.look(fixture.signal);
    await sync.look(fixture.signal);
    expect(server.statuses.at(-1)).toBe(304);
  });
});

describe('the disk', () => {
  test('is full: a sentence, the old version stays, and nothing half-written', async () => {
    // GIVEN a real disk of 2 MiB with a version on it
    const disk = new SmallDisk(2);
    const small = new SyncFixture(server, join(disk.path, 'cache'));
    try {
      small.publish({ '1/model.onnx': random(100_000) });
      const { sync } = await small.open();
      await sync.look(small.signal);
      // WHEN one comes that does not fit
      small.publish({ '1/model.onnx': random(10), '2/model.onnx': random(4_000_000) });
      await sync.look(small.signal);
      // THEN
      expect(sync.problems[0]?.reason).toContain(`the disk of the artifact cache ${disk.path}/cache is full`);
      expect(existsSync(join(small.folder, '1/model.onnx'))).toBe(true);
      expect(readdirSync(join(disk.path, 'cache', 'partial'))).toEqual([]);
    } finally {
      small.delete();
      disk.delete();
    }
  });

  test('becomes full in the middle of a download: the same, and the disk is not left full', async () => {
    // GIVEN a real disk of 2 MiB that something else fills when the download has begun
    const disk = new SmallDisk(2);
    const small = new SyncFixture(server, join(disk.path, 'cache'));
    try {
      small.publish({ '1/model.onnx': random(1_500_000) });
      server.misbehave('blobs', (response, body, status) => {
        writeFileSync(join(disk.path, 'filler'), random(1_000_000));
        response.writeHead(status, { 'content-length': body.length }).end(body);
      });
      const { sync } = await small.open();
      await sync.look(small.signal);
      expect(sync.problems[0]?.reason).toContain(`the disk of the artifact cache ${disk.path}/cache is full`);
      expect(readdirSync(join(disk.path, 'cache', 'partial'))).toEqual([]);
    } finally {
      small.delete();
      disk.delete();
    }
  });

  test('is bounded: what was used least recently goes, what is in use does not', async () => {
    // GIVEN room for three files of which one is in use and two are not
    const { '1/model.onnx': oldest } = fixture.publish({ '1/model.onnx': random(1000) });
    const { sync, store } = await fixture.open({ maxBytes: 3500 });
    await sync.look(fixture.signal);
    const { '2/model.onnx': second } = fixture.publish({ '2/model.onnx': random(1000) });
    await sync.look(fixture.signal);
    const { '3/model.onnx': third } = fixture.publish({ '3/model.onnx': random(1000) });
    await sync.look(fixture.signal);
    // WHEN a fourth comes
    const { '4/model.onnx': fourth } = fixture.publish({ '4/model.onnx': random(1000) });
    await sync.look(fixture.signal);
    // THEN
    const kept = readdirSync(join(store.directory, 'blobs'));
    expect(sync.problems).toEqual([]);
    expect(kept).not.toContain(oldest);
    expect(kept.sort()).toEqual([second, third, fourth].sort());
  });

  test('is bounded: what cannot fit beside what is in use is told', async () => {
    fixture.publish({ '1/model.onnx': random(1000) });
    const { sync } = await fixture.open({ maxBytes: 1500 });
    await sync.look(fixture.signal);
    fixture.publish({ '1/model.onnx': random(1000) });
    await sync.look(fixture.signal);
    expect(sync.problems[0]?.reason).toContain(
      'is limited to 1500 bytes, of which 1000 are in use and 1000 more are needed',
    );
  });
});
