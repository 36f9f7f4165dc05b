import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import sharp from 'sharp';
import { parse } from 'yaml';
import { areaUnderRoc, ndcgAt10 } from '../../cli/optimize/ranking-metrics';
import { ROOT, type ServiceProcess, startService } from '../support/service-process';

/** Rows that were kept from training, and the quality that the recipe measured on exactly these. */
interface HeldOut {
  readonly sample: { readonly value: number };
  readonly rows: readonly object[];
  readonly labels: readonly unknown[];
  readonly groups: readonly number[];
}

/** A label and the score that the model gives it. */
interface Scored {
  readonly label: string;
  readonly score: number;
}

const PIXELS = 28;
const IMAGES_AT_ONCE = 16;

/**
 * The model's own preprocessing, encoding and batching lie between a row and its score, so this fails for a wrong
 * column order as well as for a wrong model.
 */
describe('the quality of the bundled models on held-out rows, asked over HTTP', () => {
  let service: ServiceProcess;

  beforeAll(async () => {
    service = await startService();
  });
  afterAll(() => service.stop());

  async function predict<T>(model: string, body: string | Buffer, contentType = 'application/json'): Promise<T[]> {
    const response = await fetch(`${service.url}/v1/models/${model}:predict`, {
      method: 'POST',
      // Hundreds of rows at once may take longer than one online request is given.
      headers: { 'content-type': contentType, 'x-request-timeout-ms': '60000' },
      body,
    });
    const answer = await response.json();
    if (response.status !== 200) throw new Error(JSON.stringify(answer));
    return Object(answer).predictions;
  }

  test('fraud-detection tells bad from good as well as its card says', async () => {
    const { rows, labels, sample } = heldOut('fraud-detection');
    const answers = await predict<{ scores: Scored[] }>('fraud-detection', JSON.stringify({ instances: rows }));
    const risks = answers.map(({ scores }) => scores.find(({ label }) => label === 'bad')?.score ?? 0);
    expect(
      areaUnderRoc(
        risks,
        labels.map((label) => label === 1),
      ),
    ).toBeCloseTo(sample.value, 3);
  });

  test('search-ranking orders documents as well as its card says', async () => {
    const { rows, labels, groups, sample } = heldOut('search-ranking');
    const answers = await predict<{ score: number }>('search-ranking', JSON.stringify({ instances: rows }));
    const scores = answers.map(({ score }) => score);
    expect(ndcgAt10(scores, labels.map(Number), groups)).toBeCloseTo(sample.value, 3);
  });

  test('recommendations finds the hidden item as often as its card says', async () => {
    const { rows, labels, sample } = heldOut('recommendations');
    const answers = await predict<{ items: { item: string }[] }>(
      'recommendations',
      JSON.stringify({ instances: rows }),
    );
    const hits = answers.filter(({ items }, i) => items.some(({ item }) => item === labels[i])).length;
    expect(hits / rows.length).toBeCloseTo(sample.value, 3);
  });

  test('image-classification names as many products as its card says', async () => {
    const { labels, sample } = heldOut('image-classification');
    const { prediction } = parse(readFileSync(join(ROOT, 'models/image-classification/model.yaml'), 'utf8'));
    const images = await frames(join(ROOT, 'models/image-classification/heldout.png'), labels.length);
    let right = 0;
    for (let from = 0; from < images.length; from += IMAGES_AT_ONCE) {
      const some = images.slice(from, from + IMAGES_AT_ONCE);
      const answers = await Promise.all(
        some.map((image) => predict<{ label: string }>('image-classification', image, 'image/png')),
      );
      for (const [i, [answer]] of answers.entries()) {
        if (answer?.label === prediction.labels[Number(labels[from + i])]) right++;
      }
    }
    expect(right / labels.length).toBeCloseTo(sample.value, 3);
  });
});

/** The images below each other in a strip, each as a file of its own. */
async function frames(strip: string, count: number): Promise<Buffer[]> {
  const { data, info } = await sharp(strip).raw().toBuffer({ resolveWithObject: true });
  const raw = { width: PIXELS, height: PIXELS, channels: info.channels };
  const sizeBytes = PIXELS * PIXELS * info.channels;
  const images = Array.from({ length: count }, (_, i) => data.subarray(i * sizeBytes, (i + 1) * sizeBytes));
  return Promise.all(images.map((image) => sharp(image, { raw }).png().toBuffer()));
}

function heldOut(model: string): HeldOut {
  return JSON.parse(readFileSync(join(ROOT, 'models', model, 'heldout.json'), 'utf8'));
}
