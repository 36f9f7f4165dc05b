import { Document, isScalar, isSeq, stringify, visit } from 'yaml';
import { USE_CASE_NAMES, USE_CASES, type UseCase } from '../../lib/spec/use-cases';
import type { ModelDescription } from '../../service/model/description';
import type { TensorSignature } from '../../service/tensor';
import { describeBatching, describeSignature, featureColumns, imageInput } from './model-facts';
import type { ChosenUseCase } from './use-case';

/** A model for which files are written. */
export interface NewModel {
  /** A name that the spec allows. */
  readonly name: string;
  /** Its folder, relative to the spec. */
  readonly path: string;
  readonly signature: TensorSignature;
  readonly useCase: ChosenUseCase;
}

/** More columns than this are not listed one by one: nobody would read them. */
const MAX_LISTED_COLUMNS = 40;

/** A spec for one model, with what its file says of it and what the user has to decide as comments. */
export function renderSpec({ name, path, signature, useCase }: NewModel, schemaPath: string): string {
  return `# yaml-language-server: $schema=${schemaPath}
#
# What the model file says of itself:
${comment([...describeSignature(signature), `  ${describeBatching(signature)}`])}
# What is left out below has a default; an editor that knows YAML schemas shows each one.
name: ${scalar(name)}

models:
  ${scalar(name)}:
    # What the predictions are for. It sets the SLO:
${indent(4, comment(describeUseCases()))}
    useCase: ${useCase.name}${useCase.guessedFrom === null ? '' : ` # a guess, ${useCase.guessedFrom}: put your own here`}
    # Your own targets in place of those:
    # slo: {p95Ms: 80, acceptableMs: 150}
    path: ${scalar(path)} # folder with <version>/model.onnx, relative to this file
    peakQps: 100 # requests/s at today's busiest moment: put your own number here
    pool: model-server

pools:
  model-server:
    hardware: cpu # or gpu

# Callers with an API key each, and what they may send; needed on AWS, unless tokens say who calls.
# consumers:
#   web: {rateQps: 100, burst: 200}

growth: 10 # design for ten times today's peak

# Where it is deployed; nothing of this is needed to serve the model here. On AWS the front door is often the largest
# part of the bill: headroom plan counts it once this is filled in.
# aws:
#   region: eu-west-1
#   authorization: {type: api-key} # or cognito, jwt, iam
# kubernetes: {platform: generic}
`;
}

/** What of a model.yaml is known besides the signature, because the model was exported here. */
export interface KnownDescription {
  /** Lines for people at its top, about where the model comes from. */
  readonly origin: readonly string[];
  /** Keys of model.yaml that stand in it, not as hints; undefined where the model takes tensors. */
  readonly content: Pick<ModelDescription, 'features' | 'prediction' | 'example'> | undefined;
}

/**
 * A model.yaml that says what is known; what only a person knows stands in it as comments, ready to be filled in.
 * @param known what would otherwise be such a comment
 */
export function renderDescription({ name, signature, useCase }: NewModel, known?: KnownDescription): string {
  const origin = known === undefined ? '' : `${comment(known.origin)}\n`;
  return `${origin}# What requests to this model look like. Without the parts below it takes tensors as its file declares them:
${comment(describeSignature(signature))}
description: ${scalar(name)} # tell here in one sentence what it predicts
${renderUseCase(useCase)}

${known?.content === undefined ? hints(signature) : renderContent(known.content)}
`;
}

function hints(signature: TensorSignature): string {
  return `${comment(inputHints(signature))}\n\n${comment(predictionHints(signature))}`;
}

/** Each list item on a line of its own, as people write it. */
function renderContent(content: NonNullable<KnownDescription['content']>): string {
  const document = new Document(content);
  visit(document, {
    Map: (_, map, path) => {
      const isItem = path.some(isSeq);
      if (isItem) map.flow = true;
    },
    Seq: (_, sequence) => {
      sequence.flow = sequence.items.every(isScalar);
    },
  });
  return document.toString({ lineWidth: 0, flowCollectionPadding: false }).trimEnd();
}

/** A guess stands in the spec alone, which is edited first: here it would be one more place to put right. */
function renderUseCase({ name, guessedFrom }: ChosenUseCase): string {
  return guessedFrom === null
    ? `useCase: ${name}`
    : `# useCase: ${name} # what it is for sets the SLO; one of ${USE_CASE_NAMES.join(', ')}`;
}

function describeUseCases(): string[] {
  return USE_CASE_NAMES.map((name) => {
    const { slo }: UseCase = USE_CASES[name];
    const latency = slo === undefined ? 'none' : `p95 ${slo.p95Ms} ms, acceptable up to ${slo.acceptableMs} ms`;
    return `  ${name}: ${latency}`;
  });
}

function inputHints(signature: TensorSignature): string[] {
  const image = imageInput(signature);
  if (image !== undefined) {
    const { input, width, height, channels, layout } = image;
    return [
      'To take JPEG and PNG images on :predict, say how the model was trained to see them.',
      'image:',
      `  input: ${scalar(input)}`,
      `  width: ${width}`,
      `  height: ${height}`,
      `  channels: ${channels}`,
      `  layout: ${layout}`,
      `  mean: [${Array(channels).fill(0).join(', ')}]`,
      `  std: [${Array(channels).fill(1).join(', ')}]`,
    ];
  }
  const columns = featureColumns(signature);
  if (columns === undefined || columns.length > MAX_LISTED_COLUMNS) {
    return [
      'To take instances such as {age: 42} on :predict, name the features in the order of their columns.',
      'features:',
      '  - {name: age, type: integer, minimum: 0}',
      '  - {name: home, type: category, categories: [owner, rent, other]}',
    ];
  }
  return [
    `To take instances such as {feature1: …} on :predict, name the ${columns.length} features as people know them.`,
    'Types: number, integer, boolean, text, and category with its categories.',
    'features:',
    ...columns.map(({ type, input }, index) => {
      const name = input ?? `feature${index + 1}`;
      return `  - {name: ${scalar(name)}, type: ${type}${input === undefined ? '' : `, input: ${scalar(input)}`}}`;
    }),
  ];
}

function predictionHints({ outputs }: TensorSignature): string[] {
  const scores = outputs.find(({ datatype, shape }) => datatype.startsWith('FP') && Number(shape[1]) >= 2);
  const output = scores ?? outputs[0];
  if (output === undefined) return [];
  const classes = Number(scores?.shape[1] ?? 0);
  const hints = ['To answer in words that people read, say what the output means.', 'prediction:'];
  if (classes === 0 || classes > MAX_LISTED_COLUMNS)
    return [...hints, '  type: score', `  output: ${scalar(output.name)}`];
  const labels = Array.from({ length: classes }, (_, index) => `class${index + 1}`);
  return [...hints, '  type: classification', `  output: ${scalar(output.name)}`, `  labels: [${labels.join(', ')}]`];
}

/** Text as a YAML scalar, quoted where it has to be. */
export function scalar(text: string): string {
  return /^[A-Za-z_./][\w./-]*$/.test(text) && !/^(?:true|false|null)$/i.test(text)
    ? text
    : stringify(text, { defaultStringType: 'QUOTE_DOUBLE', lineWidth: 0 }).trim();
}

function comment(lines: readonly string[]): string {
  return lines.map((line) => `# ${line}`.trimEnd()).join('\n');
}

function indent(columns: number, text: string): string {
  return text.replaceAll(/^/gm, ' '.repeat(columns));
}
