import { version } from '../../package.json';
import { UsageError } from '../errors';
import { type Adopted, type Adoption, adopt } from './adopt';
import type { Optimized } from './optimize';
import { isMeasured, type Measured, type OptimizeReport } from './report';
import type { Target } from './target';

/** @throws UsageError for a lone file, which has no next version and no model.yaml */
export function requireRepository({ place, modelPath }: Target): NonNullable<Target['place']> {
  if (place !== undefined) return place;
  throw new UsageError(
    `--adopt needs a model in its folder, <model>/<version>/model.onnx, but ${modelPath} is a lone file`,
  );
}

/**
 * Makes what was recommended the model's own: a file becomes its next version, and the threads and the largest batch
 * that were found stand in model.yaml. Where nothing is recommended, the batch was found all the same.
 *
 * @throws an AbortError when the signal is aborted; then nothing was written
 */
export async function adoptRecommended(
  target: Target,
  { report, prepared }: Optimized,
  signal: AbortSignal,
): Promise<Adopted> {
  const place = requireRepository(target);
  const best = report.candidates.find(({ id }) => id === report.recommended);
  const made = best && prepared.get(best.id);
  const { knee, notBatchedBecause } = report.recommendedBatching;
  const { intraOpThreads, executionMode } = made?.session ?? target.description?.runtime ?? {};
  const runtime = {
    ...(notBatchedBecause === undefined ? { maxBatch: knee.rows } : {}),
    intraOpThreads: intraOpThreads ?? 1,
    ...(executionMode === undefined ? {} : { executionMode }),
  };
  if (best === undefined || made === undefined || best.adopts !== 'file' || !isMeasured(best.result)) {
    return adopt(place, { runtime }, signal);
  }
  const origin: NonNullable<Adoption['file']>['origin'] = {
    technique: best.id,
    parent: { version: place.version, digest: target.digest },
    madeAt: report.measuredAt,
    tools: {
      headroom: version,
      'onnxruntime-node': report.machine.onnxruntime,
      node: report.machine.node,
      ...made.tools,
    },
    machine: report.machine.cpu,
    figures: figuresOf(report, best.result),
  };
  return adopt(place, { runtime, file: { path: made.modelPath, origin } }, signal);
}

function figuresOf({ original, evaluation }: OptimizeReport, { figures, verdict }: Measured) {
  const { metric, source, rows } = evaluation;
  return {
    latencySpeedup: hundredths(verdict.latencySpeedup),
    throughputSpeedup: hundredths(verdict.throughputSpeedup),
    sizeBytes: figures.sizeBytes,
    parentSizeBytes: original.sizeBytes,
    evaluation: source,
    rows,
    ...(metric === undefined ? {} : { metric }),
    ...(figures.quality === undefined ? {} : { quality: tenThousandths(figures.quality) }),
    ...(original.quality === undefined ? {} : { parentQuality: tenThousandths(original.quality) }),
    agreement: tenThousandths(figures.agreement),
  };
}

function hundredths(value: number): number {
  return Math.round(value * 100) / 100;
}

function tenThousandths(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
