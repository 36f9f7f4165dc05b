import { type Static, type TSchema, Type } from 'typebox';
import { Value } from 'typebox/value';
import { didYouMean } from '../../lib/spec/closest';
import { isObject } from '../../lib/spec/describe';
import type { DocumentPath } from '../../lib/spec/document';
import { describeProblems, describeRule, describeValue } from './feature-problems';
import { fits, ruleOf } from './feature-values';
import { imageTypeOfName } from './image-format';
import { type Example, ExampleSchema, type Feature, FeatureSchema, type ImageDescription, ImageSchema } from './schema';
import { FeatureViewSchema } from './view-schema';

type Report = (path: DocumentPath, message: string) => void;

/** A feature as it stands in the file, right or wrong; empty where it is no mapping. */
type Listed = Readonly<Record<string, unknown>>;

/** Keys of an instance that names an entity. */
const ENTITY_INSTANCE_KEYS: readonly string[] = ['entity', 'features'];

/**
 * Finds what a model.yaml says against itself. Looks only at the parts that are valid each for itself, down to single
 * features and lists, so that their mistakes are told together with those that the schema finds beside them.
 */
export function findContradictions(value: unknown, report: Report): void {
  if (!isObject(value)) return;
  const listed: readonly Listed[] = (Array.isArray(value.features) ? value.features : []).map((feature) =>
    isObject(feature) ? feature : {},
  );
  const features = valid(Type.Array(FeatureSchema), value.features);
  const image = valid(ImageSchema, value.image);
  const example = valid(ExampleSchema, value.example);
  const takesFeatures = value.features !== undefined;
  const takesImage = value.image !== undefined;
  if (takesFeatures && takesImage) report(['image'], 'stands beside features, expected one of the two');
  if (!takesFeatures && !takesImage) {
    const message = 'has no use without features or image, which say what a request brings';
    if (value.prediction !== undefined) report(['prediction'], message);
    if (value.example !== undefined) report(['example'], message);
  }
  checkFeatures(listed, report);
  if (value.featureView !== undefined) checkView(value.featureView, listed, takesFeatures, report);
  if (image !== undefined) checkImage(image, report);
  if (isObject(value.prediction)) checkLabels(value.prediction, report);
  if (example === undefined) return;
  if (takesImage && !takesFeatures) checkImageName(example, report);
  if (takesFeatures && !takesImage) checkInstances(example, features, report);
}

function valid<const S extends TSchema>(schema: S, value: unknown): Static<S> | undefined {
  return value !== undefined && Value.Check(schema, value) ? value : undefined;
}

function checkFeatures(listed: readonly Listed[], report: Report): void {
  reportRepeated(
    listed.map(({ name }) => name),
    (index) => ['features', index, 'name'],
    report,
  );
  for (const [index, feature] of listed.entries()) {
    const path = ['features', index];
    const { categories, minimum, maximum } = feature;
    if (Array.isArray(categories)) {
      reportRepeated(categories, (position) => [...path, 'categories', position], report);
    }
    if (typeof minimum === 'number' && typeof maximum === 'number' && minimum > maximum) {
      report([...path, 'minimum'], `found ${minimum}, expected at most the maximum ${maximum}`);
    }
    if (Value.Check(FeatureSchema, feature)) checkDefault(feature, path, report);
  }
}

function checkDefault(feature: Feature, path: DocumentPath, report: Report): void {
  if (feature.default === undefined) return;
  const rule = ruleOf(feature);
  if (!fits(rule, feature.default)) {
    const found = describeValue(feature.default);
    report([...path, 'default'], `found ${found}, expected ${describeRule(rule, feature.default)}`);
  }
  if (feature.optional === false) {
    report([...path, 'optional'], 'found false beside a default, which makes the feature optional');
  }
}

function checkView(value: unknown, listed: readonly Listed[], takesFeatures: boolean, report: Report): void {
  if (!takesFeatures) {
    report(['featureView'], 'has no use without features, which say what is joined');
    return;
  }
  const names = listed.map(({ name }) => String(name));
  for (const [index, name] of names.entries()) {
    if (ENTITY_INSTANCE_KEYS.includes(name)) {
      report(
        ['features', index, 'name'],
        `found '${name}', which in a model with a featureView stands beside features`,
      );
    }
  }
  for (const [index, name] of (valid(FeatureViewSchema, value)?.features ?? []).entries()) {
    if (names.includes(name)) continue;
    const expected = `features of the model: ${names.join(', ')}${didYouMean(name, names)}`;
    report(['featureView', 'features', index], `found '${name}', expected ${expected}`);
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

function checkLabels({ labels, top }: Readonly<Record<string, unknown>>, report: Report): void {
  if (!Array.isArray(labels)) return;
  reportRepeated(labels, (index) => ['prediction', 'labels', index], report);
  if (typeof top === 'number' && top > labels.length) {
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

/** Looks at names alone: whatever else stands in the list is a mistake of its own. */
function reportRepeated(names: readonly unknown[], pathOf: (index: number) => DocumentPath, report: Report): void {
  const first = new Map<string, number>();
  for (const [index, name] of names.entries()) {
    if (typeof name !== 'string') continue;
    const earlier = first.get(name);
    if (earlier === undefined) first.set(name, index);
    else report(pathOf(index), `found '${name}' again, first given at position ${earlier + 1}`);
  }
}
