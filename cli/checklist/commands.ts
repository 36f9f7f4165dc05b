import { join, relative, resolve } from 'node:path';
import type { SpecModel } from '../../lib/spec/load';
import { REPORTS_FOLDER } from '../report/store';
import { DEFAULT_SPEC, planAgain, quoted, specFlag } from '../spec-command';
import type { Evidence } from './evidence';

/** Commands that settle points, as they are to be typed for the spec and the folders of this checklist. */

/** `headroom load` with further flags. */
export function load(evidence: Evidence, flags: string): string {
  return `headroom load ${flags}${specFlag(evidence.specFile)}${outFlag(evidence, 'load')}`;
}

export function measureCapacity(evidence: Evidence): string {
  return `headroom load --local --find-capacity${specFlag(evidence.specFile)}${outFlag(evidence, 'capacity')}`;
}

/** `headroom simulate` with further flags. */
export function simulate(evidence: Evidence, flags: string): string {
  const out = join(evidence.reportsFolder, 'simulate.json');
  return `headroom simulate ${flags}${specFlag(evidence.specFile)} --out ${quoted(out)}`;
}

export function optimize({ reportsFolder }: Evidence, { name, folder }: SpecModel): string {
  const model = folder === undefined ? name : relative('.', folder);
  return `headroom optimize ${quoted(model)} --out ${quoted(join(reportsFolder, `optimize-${name}.json`))}`;
}

/** What has to follow a change of the spec before anything takes it. */
export function takeSpec(evidence: Evidence): string {
  const { specFile, spec, plan } = evidence;
  return plan === undefined ? synth(evidence) : `${planAgain(specFile, spec.growth, plan)}; ${synth(evidence)}`;
}

export function synth({ specFile, manifestsFolder, checkout }: Evidence): string {
  if (checkout === undefined) {
    return specFile === DEFAULT_SPEC ? 'npx cdk8s synth' : `HEADROOM_SPEC=${quoted(specFile)} npx cdk8s synth`;
  }
  const [spec, output] = [quoted(resolve(specFile)), quoted(resolve(manifestsFolder))];
  return `(cd ${quoted(checkout)} && HEADROOM_SPEC=${spec} npx cdk8s synth --output ${output})`;
}

/** Reports go into the usual folder by themselves. */
function outFlag({ reportsFolder }: Evidence, kind: string): string {
  return reportsFolder === REPORTS_FOLDER ? '' : ` --out ${quoted(join(reportsFolder, `${kind}.json`))}`;
}
