import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './service-process';

/** A model repository of a test's own, in a temporary folder. */
export class ModelFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'headroom-models-'));

  /** Adds a version of one of test/fixtures/models. */
  add(name: string, fixture: string = name, version = 1): this {
    const folder = join(this.path, name, String(version));
    mkdirSync(folder, { recursive: true });
    cpSync(join(ROOT, 'test', 'fixtures', 'models', `${fixture}.onnx`), join(folder, 'model.onnx'));
    return this;
  }

  describe(name: string, yaml: string): this {
    writeFileSync(join(this.path, name, 'model.yaml'), yaml);
    return this;
  }

  remove(name: string, version: number): void {
    rmSync(join(this.path, name, String(version)), { recursive: true });
  }

  delete(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
