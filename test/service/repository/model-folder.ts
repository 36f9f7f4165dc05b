import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const MODELS = join(__dirname, 'models');

/** Path of `plus-<amount>.onnx`, which adds that amount to each element; all of them have the same size. */
export function plusModel(amount: 1 | 2 | 3): string {
  return join(MODELS, `plus-${amount}.onnx`);
}

/** Folder of the same model with its weights in a file of their own. */
export function externalModel(amount: 1 | 2): string {
  return join(MODELS, `external-${amount}`);
}

/** A repository of models in a temporary folder, to be removed after the test. */
export class ModelFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'headroom-repository-'));

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }

  pathOf(...parts: string[]): string {
    return join(this.path, ...parts);
  }

  /** Puts a model file into a version's folder, as `cp` does. */
  addVersion(name: string, version: number | string, modelFile: string): void {
    this.write(join(name, String(version), 'model.onnx'), '');
    copyFileSync(modelFile, this.pathOf(name, String(version), 'model.onnx'));
  }

  /** Copies the files of a folder into a version's folder. */
  addFiles(name: string, version: number, folder: string): void {
    mkdirSync(this.pathOf(name, String(version)), { recursive: true });
    for (const file of readdirSync(folder)) {
      copyFileSync(join(folder, file), this.pathOf(name, String(version), file));
    }
  }

  /** Moves a model file into the place of another in one step. */
  replaceVersion(name: string, version: number, modelFile: string): void {
    const staged = this.pathOf(name, String(version), '.model.onnx.part');
    copyFileSync(modelFile, staged);
    renameSync(staged, this.pathOf(name, String(version), 'model.onnx'));
  }

  removeVersion(name: string, version: number): void {
    rmSync(this.pathOf(name, String(version)), { recursive: true });
  }

  removeFile(...parts: string[]): void {
    rmSync(this.pathOf(...parts));
  }

  /** Makes `path` a link to `target`, which is relative to it; replaces another link in one step. */
  link(path: string, target: string): void {
    symlinkSync(target, this.pathOf('.link'));
    renameSync(this.pathOf('.link'), this.pathOf(path));
  }

  write(path: string, content: string | Buffer): void {
    mkdirSync(dirname(this.pathOf(path)), { recursive: true });
    writeFileSync(this.pathOf(path), content);
  }
}
