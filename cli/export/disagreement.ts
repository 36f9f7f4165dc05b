import type { ModelDescription } from '../../service/model/description';
import type { PredictionDescription } from '../../service/model/schema';
import type { TensorSignature } from '../../service/tensor';
import { areNames, isNumbered, type ModelFacts } from './describe';

/** Both lists together; of longer ones, only the first difference is told. */
const MAX_TOLD_CHARACTERS = 200;
const MAX_TOLD_PAIRS = 10;
/** Classes that are codes: words in model.yaml may stand for them. */
const CODE = /^(?:-?[0-9]+(?:\.[0-9]+)?|True|False)$/;

/**
 * Why a model may not become a version of one that is described already: its columns or classes are others, or come in
 * another order, and the service would take one for another. Undefined where they agree, or where either side names none.
 */
export function disagreementOf(
  { features, prediction, source: { file } }: ModelDescription,
  { features: columns, labels: classes }: Pick<ModelFacts, 'features' | 'labels'>,
  { inputs }: TensorSignature,
): string | undefined {
  const described = features?.map(({ name }) => name);
  // A column that is an input of its own is found by its name, wherever it stands.
  const isOneTable = inputs.length === 1;
  if (isOneTable && columns !== undefined && areNames(columns) && described !== undefined && !isNumbered(described)) {
    const told = differenceOf(columns, described, { one: 'column', many: 'columns', key: 'features', file });
    if (told !== undefined) return `${told}: train it with the columns in that order, ${OR_RENAME}`;
  }
  const labels = labelsOf(prediction);
  if (classes === undefined || labels === undefined || areWordsForCodes(labels, classes)) return undefined;
  const told = differenceOf(classes, labels, { one: 'class', many: 'classes', key: 'labels', file });
  return told && `${told}: train it with those classes, ${OR_RENAME}`;
}

/** What a person has to make sure of, where model.yaml has words for classes that are codes; undefined for others. */
export function wordsToCheck(
  { prediction, source: { file } }: ModelDescription,
  { labels: classes }: Pick<ModelFacts, 'labels'>,
): string | undefined {
  const labels = labelsOf(prediction);
  if (classes === undefined || labels === undefined || !areWordsForCodes(labels, classes)) return undefined;
  const pairs = classes.slice(0, MAX_TOLD_PAIRS).map((code, i) => `${code} is ${labels[i]}`);
  return `answers take the labels of ${file}, check them: ${pairs.join(', ')}${classes.length > pairs.length ? ', …' : ''}`;
}

const OR_RENAME = 'or export it under another name with --name';

interface Words {
  readonly one: string;
  readonly many: string;
  /** What model.yaml calls them. */
  readonly key: string;
  readonly file: string;
}

function differenceOf(
  found: readonly string[],
  described: readonly string[],
  { one, many, key, file }: Words,
): string | undefined {
  const positions = Array.from({ length: Math.max(found.length, described.length) }, (_, i) => i);
  const first = positions.find((i) => found[i] !== described[i]);
  if (first === undefined) return undefined;
  const [ours, theirs] = [`[${found.join(', ')}]`, `[${described.join(', ')}]`];
  if (ours.length + theirs.length <= MAX_TOLD_CHARACTERS) {
    return `its ${many} are ${ours}, but ${file} has the ${key} ${theirs}`;
  }
  const [our, their] = [found[first], described[first]].map((name) => (name === undefined ? 'none' : `'${name}'`));
  return `its ${one} ${first + 1} is ${our}, but ${file} has ${their} there`;
}

function labelsOf(prediction: PredictionDescription | undefined): readonly string[] | undefined {
  return prediction?.type === 'score' ? undefined : prediction?.labels;
}

function areWordsForCodes(labels: readonly string[], classes: readonly string[]): boolean {
  return classes.every(isCode) && !labels.some(isCode);
}

function isCode(text: string): boolean {
  return CODE.test(text);
}
