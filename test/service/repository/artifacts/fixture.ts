import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Registry } from 'prom-client';
import { ModelFolder } from '../../../../service/repository/artifacts/generation';
import { HttpClient } from '../../../../service/repository/artifacts/http-client';
import { httpsAddress } from '../../../../service/repository/artifacts/https-address';
import { ModelSync } from '../../../../service/repository/artifacts/model-sync';
import { Remote } from '../../../../service/repository/artifacts/remote';
import { ArtifactStore } from '../../../../service/repository/artifacts/store';
import { ArtifactMetrics } from '../../../../service/telemetry/artifact-metrics';
import type { ArtifactServer } from '../../../support/artifact-server';

/** For servers that stall; a busy machine may take longer to answer, so only tests of those wait this briefly. */
export const BRIEF_MS = 1000;
const PATIENT_MS = 20_000;

/** A remote model `m` on a server, and a cache of a test's own. */
export class SyncFixture {
  readonly directory = mkdtempSync(join(tmpdir(), 'headroom-artifacts-'));
  readonly signal = new AbortController().signal;
  readonly registry = new Registry();
  readonly #metrics = new ArtifactMetrics(this.registry);

  constructor(
    readonly server: ArtifactServer,
    readonly storeDirectory = join(this.directory, 'cache'),
  ) {}

  get folder(): string {
    return join(this.directory, 'models', 'm');
  }

  /** Puts files on the server with a manifest that names them; returns their digests by path. */
  publish(files: Readonly<Record<string, Buffer | string>>): Record<string, string> {
    const entries = Object.entries(files).map(([path, content]) => {
      const sha256 = createHash('sha256').update(content).digest('hex');
      this.write(`m/blobs/${sha256}`, content);
      return { path, sizeBytes: content.length, sha256 };
    });
    this.write('m/manifest.json', JSON.stringify({ schemaVersion: 1, files: entries }));
    return Object.fromEntries(entries.map(({ path, sha256 }) => [path, sha256]));
  }

  write(path: string, content: Buffer | string): void {
    const file = join(this.server.directory, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }

  /** As a process that starts: nothing but the disk is known from before. */
  async open({
    maxBytes = Number.POSITIVE_INFINITY,
    idleTimeoutMs = PATIENT_MS,
  } = {}): Promise<{ sync: ModelSync; store: ArtifactStore }> {
    const store = new ArtifactStore({ directory: this.storeDirectory, maxBytes });
    await store.prepare();
    const client = new HttpClient(new Agent({ ca: this.server.certificate, keepAlive: true }), idleTimeoutMs);
    const url = `${this.server.url}/m`;
    const remote = new Remote(httpsAddress(url), client);
    const folder = new ModelFolder(store, this.folder, url);
    return { sync: new ModelSync({ name: 'm', remote, store, folder, metrics: this.#metrics }), store };
  }

  delete(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

export function random(sizeBytes: number): Buffer {
  return randomBytes(sizeBytes);
}
