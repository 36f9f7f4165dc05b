import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Technique, Workshop } from '../../../cli/optimize/candidates';
import { optimize } from '../../../cli/optimize/optimize';
import { findTarget } from '../../../cli/optimize/target';
import { asText } from '../../../cli/optimize/text';

const ROOT = join(__dirname, '../../..');
const MODELS = join(ROOT, 'models');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'headroom-calibration-test-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Measures the model as it is, as if it had been calibrated, and tells what it was given for that. */
async function calibrating(model: string, data: string | undefined) {
  const given: Workshop['calibration'][] = [];
  const technique: Technique = {
    ...{ id: 'copy', title: 'a copy', claim: '', isLossy: true, adopts: 'file' },
    prepare: async ({ modelPath, session, calibration }) => {
      given.push(calibration);
      return { modelPath, session, judgedByCalibration: calibration?.judgedBecause };
    },
  };
  const { report } = await optimize({
    target: await findTarget(model, MODELS),
    evaluation: { data, label: 'label' },
    techniques: [technique],
    maxLoss: 0.01,
    candidatePath: join(ROOT, '.build', 'candidate.js'),
    folder,
    signal: new AbortController().signal,
    progress: () => undefined,
  });
  return { report, calibration: given[0] };
}

test('a candidate is judged by other rows than it was calibrated with', async () => {
  const { report, calibration } = await calibrating('fraud-detection', undefined);
  expect(calibration?.rows).toBe(100);
  expect(report.evaluation).toMatchObject({ rows: 300, calibrationRows: 100 });
  expect(asText(report)).toContain('heldout.json: 300 rows (100 others kept for calibration), auc');
  expect(report.warnings).toEqual([]);
});

test('where there are too few rows for both, the report and the row of the table say so', async () => {
  const data = join(folder, 'few.csv');
  writeFileSync(data, `fruit,label\n${'true,fruit\nfalse,bread and cake\n'.repeat(10)}`);
  const { report } = await calibrating('recommendations', data);
  expect(report.evaluation).toMatchObject({ rows: 20, calibrationRows: 0 });
  const text = asText(report);
  expect(text).toContain(
    'warning: a copy is judged by rows that it was calibrated with: few.csv has 20 rows, and keeping some apart for calibration takes 400',
  );
  expect(text).toMatch(/^a copy .* \(judged by rows that it was calibrated with\)$/m);
});
