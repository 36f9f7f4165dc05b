import { messageOf } from '../../lib/spec/message-of';
import type { ModelDescription } from '../../service/model/description';
import { compile, exampleInputs } from '../../service/repository/served-model';
import type { ProbeReport } from '../../service/runtime/probe';
import type { SessionOptions } from '../../service/runtime/session';
import { syntheticInputs } from '../../service/runtime/synthetic-rows';
import { concatRows, sliceRows, type Tensor, type TensorSignature } from '../../service/tensor';
import { UsageError } from '../errors';
import { type EvaluationFlags, type EvaluationSet, loadEvaluationSet } from './evaluation-set';
import { type AllOutputs, answerOutput, Judgement } from './judgement';
import { type Calibration, type Split, splitForCalibration } from './split';
import { type Host, Subject } from './subject';
import type { Target } from './target';

/** The original, opened, and what the candidates are held against. */
export interface Baseline {
  readonly subject: Subject;
  /** What all are judged by. */
  readonly set: EvaluationSet;
  /** Undefined where there are only made-up rows. */
  readonly calibration: Calibration | undefined;
  readonly judgement: Judgement;
  /** Inputs of one request that runs are timed with: rows where the model is batched. */
  readonly timedInputs: readonly Tensor[];
  readonly notBatchedBecause: string | undefined;
}

/** Rows of the pool that timed batches are made of. */
const TIMED_ROWS = 256;
/** Made-up rows where there are no real ones. */
const MADE_UP_ROWS = 32;

/**
 * Opens the original, and finds what it is judged by.
 * @throws UsageError where the evaluation set does not fit, or the model does not run
 */
export async function openBaseline(target: Target, flags: EvaluationFlags, host: Host): Promise<Baseline> {
  const subject = await openOriginal(target, host);
  try {
    const { signature } = subject.opened;
    const compiled = compile(target.description, signature);
    const examples = await exampleInputs(target.description, compiled, target.place?.modelDirectory ?? '');
    const report = await subject.process.probe(examples);
    const isBatched = report.notBatchedBecause === undefined;
    const { signal } = host;
    const loaded = await loadEvaluationSet(flags, { ...compiled, target, signature, isBatched, signal });
    const split = loaded && splitForCalibration(loaded, isBatched);
    const set = split?.judged ?? madeUpSet(report, examples);
    const outputs = await originalOutputs(subject, set);
    const timedInputs = timedRows(set.requests, isBatched);
    await subject.process.keep(timedInputs);
    return {
      subject,
      set,
      calibration: split?.calibration,
      judgement: judgementOf(outputs, { set, rowNumbers: split?.rowNumbers }, target, signature),
      timedInputs,
      notBatchedBecause: report.notBatchedBecause,
    };
  } catch (error) {
    subject.close();
    throw error;
  }
}

/** With the options that the service runs it with. */
async function openOriginal({ modelPath, name, description }: Target, host: Host): Promise<Subject> {
  const session: SessionOptions = { intraOpThreads: 1, ...settingsOf(description) };
  try {
    return await Subject.open(host, modelPath, session);
  } catch (error) {
    throw new UsageError(`${name}: ${messageOf(error)}`);
  }
}

async function originalOutputs(subject: Subject, set: EvaluationSet): Promise<AllOutputs> {
  try {
    return await subject.outputs(set.requests);
  } catch (error) {
    throw new UsageError(`the model fails on ${set.source}: ${messageOf(error)}`);
  }
}

function judgementOf(
  outputs: AllOutputs,
  { set, rowNumbers }: { readonly set: EvaluationSet; readonly rowNumbers: Split['rowNumbers'] | undefined },
  target: Target,
  signature: TensorSignature,
): Judgement {
  const truth = set.labels === undefined ? undefined : { labels: set.labels, groups: set.groups };
  try {
    return new Judgement(outputs, answerOutput(target.description, signature), truth, set.metric, rowNumbers);
  } catch (error) {
    throw new UsageError(`${set.source}: ${messageOf(error)}`);
  }
}

/** The example of model.yaml and made-up rows of its shape: enough to time a model, too little to judge it. */
function madeUpSet({ warmInputs }: ProbeReport, examples: readonly Tensor[] | undefined): EvaluationSet {
  if (warmInputs === undefined) {
    throw new UsageError('no inputs were found that the model runs on, name some by --data');
  }
  const specs = warmInputs.map(({ datatype, shape }) => ({ name: '', datatype, shape }));
  const madeUp = Array.from({ length: MADE_UP_ROWS }, (_, seed) => syntheticInputs(specs, 1, 1, seed + 1));
  return {
    source: examples === undefined ? 'made-up inputs' : 'the example of model.yaml and made-up inputs',
    requests: [examples ?? warmInputs, ...madeUp],
    labels: undefined,
    groups: undefined,
    metric: undefined,
    isReal: false,
    warnings: ['there is no evaluation set (--data FILE), so nothing that changes numbers can be recommended'],
  };
}

/** Rows of the requests that have the shape of the first, up to a number; or the first request as it is. */
function timedRows(requests: readonly (readonly Tensor[])[], isBatched: boolean): readonly Tensor[] {
  const [first] = requests;
  if (first === undefined || !isBatched) return first ?? [];
  const shapeOf = (request: readonly Tensor[]) => request.map(({ shape }) => shape.slice(1).join()).join(';');
  const alike = requests.filter((request) => shapeOf(request) === shapeOf(first));
  return first.map((_, i) => {
    const rows = concatRows(alike.flatMap((request) => request[i] ?? []));
    return sliceRows(rows, 0, Math.min(TIMED_ROWS, rows.shape[0] ?? 0));
  });
}

function settingsOf(description: ModelDescription | undefined): Partial<SessionOptions> {
  const { intraOpThreads, executionMode } = description?.runtime ?? {};
  return { ...(intraOpThreads === undefined ? {} : { intraOpThreads }), executionMode };
}
