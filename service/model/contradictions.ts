import { type Static, type TSchema, Type } from 'typebox';
import { Value } from 'typebox/value';
import { isObject } from '../../lib/spec/describe';
import type { DocumentPath } from '../../lib/spec/document';
import { describeProblems, describeRule, describeValue } from './feature-problems';
import { fits, isNumeric, ruleOf } from './feature-values';
import { imageTypeOfName } from './image-format';
import {
  type Example,
  ExampleSchema,
  type Feature,
  FeatureSchema,
  type ImageDescription,
  ImageSchema,
  type PredictionDescription,
  PredictionSchema,
} from './schema';
import { FeatureViewSchema } from './view-schema';

type Report = (path: DocumentPath, message: string) => void;

/** Keys of an instance that names an entity. */
const ENTITY_INSTANCE_KEYS: readonly string[] = ['entity', 'features'];

/**
 * Finds what a model.yaml says against itself. Looks only at the parts that are valid each for itself, so that their
 * mistakes are told together with those that the schema finds elsewhere.
 */
export function findContradictions(value: unknown, report: Report): void {
  if (!isObject(value)) return;
  const features = valid(Type.Array(FeatureSchema), value.features);
  const image = valid(ImageSchema, value.image);
  const prediction = valid(PredictionSchema, value.prediction);
  const example = valid(ExampleSchema, value.example);
  const takesFeatures = value.features !== undefined;
  const takesImage = value.image !== undefined;
  if (takesFeatures && takesImage) report(['image'], 'stands beside features, expected one of the two');
  if (!takesFeatures && !takesImage) {
    const message = 'has no use without features or image, which say what a request brings';
    if (value.prediction !== undefined) report(['prediction'], message);
    if (value.example !== undefined) report(['example'], message);
  }
  if (features !== undefined) checkFeatures(features, report);
  if (value.featureView !== undefined) checkView(value.featureView, features, takesFeatures, report);
  if (image !== undefined) checkImage(image, report);
  if (prediction !== undefined) checkPrediction(prediction, report);
  if (example === undefined) return;
  if (takesImage && !takesFeatures) checkImageName(example, report);
  if (takesFeatures && !takesImage) checkInstances(example, features, report);
}

function valid<const S extends TSchema>(schema: S, value: unknown): Static<S> | undefined {
  return value !== undefined && Value.Check(schema, value) ? value : undefined;
}

function checkFeatures(features: readonly Feature[], report: Report): void {
  reportRepeated(
    features.map(({ name }) => name),
    (index) => ['features', index, 'name'],
    report,
  );
  for (const [index, feature] of features.entries()) {
    const path = ['features', index];
    if (feature.type === 'category') {
      reportRepeated(feature.categories, (position) => [...path, 'categories', position], report);
    }
    const { minimum, maximum } = isNumeric(feature) ? feature : {};
    if (minimum !== undefined && maximum !== undefined && minimum > maximum) {
      report([...path, 'minimum'], `found ${minimum}, expected at most the maximum ${maximum}`);
    }
    if (feature.default === undefined) continue;
    const rule = ruleOf(feature);
    if (!fits(rule, feature.default)) {
      const found = describeValue(feature.default);
      report([...path, 'default'], `found ${found}, expected ${describeRule(rule, feature.default)}`);
    }
    if (feature.optional === false) {
      report([...path, 'optional'], 'found false beside a default, which makes the feature optional');
    }
  }
}

function checkView(
  value: unknown,
  features: readonly Feature[] | undefined,
  takesFeatures: boolean,
  report: Report,
): void {
  if (!takesFeatures) report(['featureView'], 'has no use without features, which say what is joined');
  const view = valid(FeatureViewSchema, value);
  if (features === undefined) return;
  const names = features.map(({ name }) => name);
  for (const [index, name] of names.entries()) {
    if (ENTITY_INSTANCE_KEYS.includes(name)) {
      report(
        ['features', index, 'name'],
        `found '${name}', which in a model with a featureView stands beside features`,
      );
    }
  }
  for (const [index, name] of (view?.features ?? []).entries()) {
    if (names.includes(name)) continue;
    report(['featureView', 'features', index], `found '${name}', expected features of the model: ${names.join(', ')}`);
  }
}

function checkImage({ channels, scale, mean, std }: ImageDescription, report: Report): void {
  if (scale === 0) report(['image', 'scale'], 'found 0, which makes every image equal');
  for (const [key, values] of Object.entries({ mean, std })) {
    if (values !== undefined && values.length !== channels) {
      report(['image', key], `found ${values.length} values, expected one for each of the ${channels} channels`);
    }
  }
  for (const [index, value] of (std ?? []).entries()) {
    if (value === 0) report(['image', 'std', index], 'found 0, by which nothing can be divided');
  }
}

function checkPrediction(prediction: PredictionDescription, report: Report): void {
  if (prediction.type === 'score') return;
  const { labels, top } = prediction;
  reportRepeated(labels, (index) => ['prediction', 'labels', index], report);
  if (top !== undefined && top > labels.length) {
    report(['prediction', 'top'], `found ${top}, expected at most the number of labels, ${labels.length}`);
  }
}

function checkInstances(example: Example, features: readonly Feature[] | undefined, report: Report): void {
  if (typeof example === 'string') {
    report(['example'], 'found text, expected a mapping with instances, since the model takes features');
  } else if (features !== undefined) {
    const rules = features.map((feature) => ruleOf(feature));
    for (const [index, instance] of example.instances.entries()) {
      const problems = describeProblems(rules, [instance], index);
      if (problems !== '') report(['example', 'instances', index], problems);
    }
  }
}

function checkImageName(example: Example, report: Report): void {
  if (typeof example !== 'string') {
    report(['example'], 'found a mapping, expected the name of an image file, since the model takes images');
  } else if (/[\\/]/.test(example) || imageTypeOfName(example) === undefined) {
    report(['example'], `found '${example}', expected the name of a .jpg, .jpeg or .png file beside model.yaml`);
  }
}

function reportRepeated(names: readonly string[], pathOf: (index: number) => DocumentPath, report: Report): void {
  const first = new Map<string, number>();
  for (const [index, name] of names.entries()) {
    const earlier = first.get(name);
    if (earlier === undefined) first.set(name, index);
    else report(pathOf(index), `found '${name}' again, first given at position ${earlier + 1}`);
  }
}
