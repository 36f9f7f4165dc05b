import { counted } from '../../lib/spec/counted';
import type { ModelDescription } from '../../service/model/description';
import type { Tensor, TensorSignature } from '../../service/tensor';
import { agreement, brokenRows, rowsOf } from './agreement';
import { type Answers, evaluate, lossOf, type MetricName, suitingMetric, type Truth } from './metrics';
import { joinedOutputs } from './subject';

/** Outputs of a model for all requests of an evaluation set. */
export type AllOutputs = readonly (readonly Tensor[])[];

/** What a candidate's outputs are worth. */
export interface Judged {
  /** With the original's outputs, 0 to 1. */
  readonly agreement: number;
  /** Value of the metric; undefined without labels. */
  readonly quality: number | undefined;
  /** Share lost; infinite where a number is not finite that is in the original's outputs. */
  readonly loss: number;
  readonly note: string | undefined;
}

/** How outputs of a candidate are held against those of the original, and against labels where there are some. */
export class Judgement {
  readonly metric: MetricName | undefined;
  /** Value of the metric for the original. */
  readonly quality: number | undefined;

  /**
   * @param rowNumbers where each row stands in the source, from 1; for errors
   * @throws Error in one sentence where the metric cannot be taken of these labels
   */
  constructor(
    private readonly original: AllOutputs,
    private readonly output: AnswerOutput | undefined,
    private readonly truth: Truth | undefined,
    metric: MetricName | undefined,
    rowNumbers: readonly number[] = [],
  ) {
    const answers = this.#answers(original);
    this.metric = truth === undefined || answers === undefined ? undefined : (metric ?? suitingMetric(answers, truth));
    this.quality = this.#quality(original);
    if (this.quality === undefined || Number.isFinite(this.quality)) return;
    const row = answers?.scores.findIndex((scores) => !scores.every(Number.isFinite)) ?? -1;
    throw new Error(
      `${this.metric} needs finite answers, but the model answers row ${rowNumbers[row] ?? row + 1} by ${answers?.scores[row]}`,
    );
  }

  judge(outputs: AllOutputs): Judged {
    const share = this.#agreement(outputs);
    const quality = this.#quality(outputs);
    const broken = this.original.reduce((sum, request, i) => sum + brokenRows(request, outputs[i] ?? []), 0);
    if (broken > 0) {
      const note = `not finite in ${counted(broken, 'row')}`;
      return { agreement: share, quality, loss: Number.POSITIVE_INFINITY, note };
    }
    const { metric } = this;
    const isLabelled = metric !== undefined && quality !== undefined && this.quality !== undefined;
    const loss = isLabelled ? lossOf(metric, this.quality, quality) : 1 - share;
    return { agreement: share, quality, loss, note: undefined };
  }

  #quality(outputs: AllOutputs): number | undefined {
    const answers = this.#answers(outputs);
    if (this.metric === undefined || this.truth === undefined || answers === undefined) return undefined;
    return evaluate(this.metric, answers, this.truth);
  }

  #answers(outputs: AllOutputs): Answers | undefined {
    const { output } = this;
    if (output === undefined) return undefined;
    const scores = outputs.flatMap((tensors) => {
      const tensor = tensors[output.index];
      return tensor === undefined ? [] : rowsOf(tensor);
    });
    return { scores, labels: output.labels };
  }

  #agreement(outputs: AllOutputs): number {
    const labelled = this.output?.isLabelled ? this.output.index : undefined;
    const [original, candidate] = [joinedOutputs(this.original), joinedOutputs(outputs)];
    if (original !== undefined && candidate !== undefined) return agreement(original, candidate, labelled);
    const shares = this.original.map((request, i) => agreement(request, outputs[i] ?? [], labelled));
    return shares.reduce((sum, share) => sum + share, 0) / shares.length;
  }
}

/** The output that predictions are read from. */
export interface AnswerOutput {
  /** Position in the signature. */
  readonly index: number;
  readonly labels: readonly string[] | undefined;
  /** True where the output scores labels, so that what comes first is what counts. */
  readonly isLabelled: boolean;
}

/** That of model.yaml; else the first output of floating-point numbers with a fixed, small number a row. */
export function answerOutput(
  description: ModelDescription | undefined,
  { outputs }: TensorSignature,
): AnswerOutput | undefined {
  const prediction = description?.prediction;
  if (prediction !== undefined) {
    const index = outputs.findIndex(({ name }) => name === prediction.output);
    if (prediction.type === 'score') return { index, labels: undefined, isLabelled: false };
    return { index, labels: prediction.labels, isLabelled: true };
  }
  const index = outputs.findIndex(({ datatype, shape }) => datatype.startsWith('FP') && shape.length <= 2);
  if (index < 0) return undefined;
  return { index, labels: undefined, isLabelled: false };
}
