import type { LoadSlo } from '../measure/slo';
import { type Setting, sloOf } from '../setting';
import type { OpenOnCores } from './core-scaling';
import { findCapacities } from './find';
import { profileOf, writeProfile } from './profiles';
import type { SearchProgress } from './progress';
import type { CapacityReport, ModelCapacity } from './report';

/** Finds capacities and writes the profiles of the models that have one. */
export async function runCapacity(
  setting: Setting,
  progress: SearchProgress,
  openOnCores: OpenOnCores,
): Promise<CapacityReport> {
  const at = new Date().toISOString();
  const found = await findCapacities(setting, progress, openOnCores);
  const warnings: string[] = [];
  const models = found.models.map((model): ModelCapacity => {
    if (model.limitedBy === 'generator') {
      warnings.push(`${model.name}: in some trials the load generator was the limit, so the capacity may be higher`);
    }
    const slo = sloFor(setting, model.name);
    const made = slo && profileOf(model, slo, { machine: found.machine, at });
    if (made === undefined) return model;
    if ('missing' in made) {
      warnings.push(made.missing);
      return model;
    }
    const written = writeProfile(made.profile, setting.destination.folder);
    warnings.push(...written.warnings);
    return { ...model, profile: written.file };
  });
  return { ...found, at, models, warnings };
}

function sloFor({ destination, flags }: Setting, name: string): LoadSlo | undefined {
  const target = destination.targets.find((one) => one.name === name);
  return target && sloOf(target, flags.slo ?? true);
}
