import { join } from 'node:path';
import { UnsuitableTask } from '../errors';
import type { PythonEnvironment } from '../python/environment';
import { runTask } from '../python/task';
import { writeCalibration } from './calibration';
import { NotMeasured, type Prepared, type Technique, type Workshop } from './candidates';

/** What the transforms run in. */
export interface PythonTools {
  /** Folder of the scripts. */
  readonly tasks: string;
  /** Opens the environment, made on first use; the same one each time. */
  open(): Promise<PythonEnvironment>;
}

/** Shares that guides prune without training afterwards. */
const SMALLEST_WEIGHTS = 0.5;
const WEAKEST_CHANNELS = 0.25;

const INT8_CLAIM = 'INT8 2-4x faster, 4x smaller, < 1 % loss';

/** What the field's own Python tools make of a model: other files, which are then measured like all. */
export function pythonTechniques(tools: PythonTools): Technique[] {
  const made = (
    technique: Pick<Technique, 'id' | 'title' | 'claim'>,
    script: string,
    task: (workshop: Workshop) => Record<string, unknown>,
  ): Technique => ({
    ...technique,
    isLossy: true,
    adopts: 'file',
    prepare: async (workshop) => {
      const transformation = { id: technique.id, script, task: task(workshop) };
      const prepared = await transform(tools, transformation, workshop);
      const judgedBecause = 'calibration' in transformation.task ? workshop.calibration?.judgedBecause : undefined;
      return { ...prepared, judgedByCalibration: judgedBecause };
    },
  });
  return [
    made({ id: 'dynamic-int8', title: 'INT8, dynamic', claim: INT8_CLAIM }, 'quantize.py', () => ({
      method: 'dynamic',
    })),
    made({ id: 'static-int8', title: 'INT8, static (QDQ)', claim: INT8_CLAIM }, 'quantize.py', (workshop) => ({
      method: 'static',
      calibration: calibrationOf(workshop),
    })),
    made(
      { id: 'fp16', title: 'FP16, on this processor', claim: 'half the size; 2x faster on a GPU' },
      'half.py',
      () => ({}),
    ),
    made(
      { id: 'prune-magnitude', title: 'half of the weights zero', claim: 'pruning: faster, smaller' },
      'prune.py',
      () => ({ method: 'magnitude', share: SMALLEST_WEIGHTS }),
    ),
    made(
      { id: 'prune-structured', title: 'a quarter of the channels gone', claim: 'pruning: faster, smaller' },
      'prune.py',
      () => ({ method: 'structured', share: WEAKEST_CHANNELS }),
    ),
  ];
}

function calibrationOf({ calibration, signature, folder }: Workshop): unknown {
  if (calibration === undefined) {
    throw new NotMeasured('needs calibration data: rows that the model really gets, by --data', true);
  }
  return writeCalibration(calibration.requests, signature, join(folder, 'calibration'));
}

interface Transform {
  readonly id: string;
  readonly script: string;
  readonly task: Record<string, unknown>;
}

async function transform(tools: PythonTools, { id, script, task }: Transform, workshop: Workshop): Promise<Prepared> {
  const { modelPath, folder, session, progress } = workshop;
  const python = await tools.open();
  const output = join(folder, `${id}.onnx`);
  const result = await runTask(python, {
    ...workshop,
    script: join(tools.tasks, script),
    task: { ...task, model: modelPath, output },
    progress: (message) => progress(`  ${message}`),
  }).catch((error: unknown) => {
    throw error instanceof UnsuitableTask ? new NotMeasured(error.message, false) : error;
  });
  return {
    modelPath: output,
    session,
    tools: textsOf(result.tools),
    ...(typeof result.note === 'string' ? { note: result.note } : {}),
  };
}

function textsOf(value: unknown): Record<string, string> {
  return Object.fromEntries(Object.entries(Object(value)).map(([name, version]) => [name, String(version)]));
}
