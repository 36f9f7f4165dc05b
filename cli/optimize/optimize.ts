import { cpus } from 'node:os';
import { messageOf } from '../../lib/spec/message-of';
import { threadsOfRun } from '../../lib/spec/run-settings';
import { USE_CASES } from '../../lib/spec/use-cases';
import { dependencies } from '../../package.json';
import { availableCores } from '../../service/runtime/cores';
import { median, quantile } from '../statistics';
import type { Work } from '../work';
import { type Baseline, openBaseline } from './baseline';
import { NotMeasured, type Prepared, type Technique, type Workshop } from './candidates';
import { measureCurve } from './curve';
import type { EvaluationFlags } from './evaluation-set';
import type { Judged } from './judgement';
import { type BatchPoint, kneeOf } from './knee';
import type { Batching, CandidateReport, Figures, OptimizeReport, Unmeasured } from './report';
import { signatureDifference } from './same-signature';
import { type Host, Subject } from './subject';
import type { Target } from './target';
import { judge, ranked, type Verdict } from './verdict';

export interface OptimizeRequest extends Work, Host {
  readonly target: Target;
  readonly evaluation: EvaluationFlags;
  readonly techniques: readonly Technique[];
  /** Greatest loss allowed, as a share. */
  readonly maxLoss: number;
}

/** The report, and what the recommended candidate was made of. */
export interface Optimized {
  readonly report: OptimizeReport;
  readonly prepared: ReadonlyMap<string, Prepared>;
}

/** Interleaved rounds: the machine's other work then falls on all alike. */
const ROUNDS = 9;

/**
 * Measures every technique on a model against the model as it is, all in one run.
 *
 * @throws UsageError where the model or its evaluation set cannot be used
 * @throws the signal's reason when it is aborted
 */
export async function optimize(request: OptimizeRequest): Promise<Optimized> {
  const { target, signal, progress } = request;
  progress(`opening ${target.name}`);
  const opened: Subject[] = [];
  try {
    const baseline = await openBaseline(target, request.evaluation, request);
    opened.push(baseline.subject);
    progress('batching curve');
    const batching = await measureBatching(baseline.subject, baseline, target);
    const { session } = baseline.subject;
    const control = await openLike(baseline, { modelPath: target.modelPath, session }, request);
    opened.push(control);
    const candidates = await openCandidates(request, baseline, opened);
    const running = [...candidates].flatMap(({ state }) => ('subject' in state ? [state.subject] : []));
    const batchRows = baseline.notBatchedBecause === undefined ? batching.knee.rows : undefined;
    await interleave([baseline.subject, control, ...running], batchRows, signal, progress);
    const report = await reportOf(request, baseline, { batching, control, candidates });
    return { report, prepared: new Map(candidates.flatMap(preparedOf)) };
  } catch (error) {
    // What was being asked of a process that was ended fails in a way that is of no interest.
    signal.throwIfAborted();
    throw error;
  } finally {
    for (const subject of opened) subject.close();
  }
}

interface Candidate {
  readonly technique: Technique;
  readonly state: Running | Unmeasured;
}

interface Running {
  readonly subject: Subject;
  readonly prepared: Prepared;
  readonly judged: Judged;
}

function preparedOf({ technique, state }: Candidate): [string, Prepared][] {
  return 'subject' in state ? [[technique.id, state.prepared]] : [];
}

async function measureBatching(
  subject: Subject,
  { notBatchedBecause }: Baseline,
  { description }: Target,
): Promise<Batching> {
  const points = await measureCurve(subject.process, notBatchedBecause === undefined);
  const slo = description?.useCase && USE_CASES[description.useCase].slo;
  return { points, knee: kneeOf(points, slo?.p95Ms), notBatchedBecause };
}

/** Opens what is to be timed beside the original, with the same rows. */
async function openLike({ timedInputs }: Baseline, { modelPath, session }: Prepared, host: Host): Promise<Subject> {
  const subject = await Subject.open(host, modelPath, session);
  try {
    await subject.process.keep(timedInputs);
    return subject;
  } catch (error) {
    subject.close();
    throw error;
  }
}

async function openCandidates(request: OptimizeRequest, baseline: Baseline, opened: Subject[]): Promise<Candidate[]> {
  const { techniques, target, folder, signal, progress } = request;
  const workshop: Workshop = {
    modelPath: target.modelPath,
    signature: baseline.subject.opened.signature,
    folder,
    cores: availableCores(),
    session: baseline.subject.session,
    calibration: baseline.calibration,
    signal,
    progress,
  };
  const candidates: Candidate[] = [];
  for (const technique of techniques) {
    progress(technique.title);
    try {
      const prepared = await technique.prepare(workshop);
      const running = await openJudged(baseline, prepared, request);
      opened.push(running.subject);
      candidates.push({ technique, state: running });
    } catch (error) {
      signal.throwIfAborted();
      const applies = !(error instanceof NotMeasured) || error.applies;
      candidates.push({ technique, state: { notMeasured: messageOf(error), applies } });
    }
  }
  return candidates;
}

async function openJudged(baseline: Baseline, prepared: Prepared, host: Host): Promise<Running> {
  const subject = await openLike(baseline, prepared, host);
  try {
    const difference = signatureDifference(baseline.subject.opened.signature, subject.opened.signature);
    if (difference !== undefined) throw new Error(`it changes the signature: ${difference}`);
    const judged = baseline.judgement.judge(await subject.outputs(baseline.set.requests));
    return { subject, prepared, judged };
  } catch (error) {
    subject.close();
    throw error;
  }
}

async function interleave(
  subjects: readonly Subject[],
  batchRows: number | undefined,
  signal: AbortSignal,
  progress: (message: string) => void,
): Promise<void> {
  for (let round = 0; round < ROUNDS; round += 1) {
    progress(`measuring, round ${round + 1} of ${ROUNDS}`);
    // Each begins once, so that none always runs on a processor that another has just heated.
    for (let i = 0; i < subjects.length; i += 1) {
      signal.throwIfAborted();
      await subjects[(i + round) % subjects.length]?.timeRound(batchRows);
    }
  }
}

interface Findings {
  readonly batching: Batching;
  readonly control: Subject;
  readonly candidates: readonly Candidate[];
}

async function reportOf(
  { target, maxLoss }: OptimizeRequest,
  baseline: Baseline,
  { batching, control, candidates }: Findings,
): Promise<OptimizeReport> {
  const { subject, set, calibration, judgement } = baseline;
  const ratios = (other: Subject) => ({
    latency: subject.roundLatencyMs.map((ms, round) => ms / (other.roundLatencyMs[round] ?? Number.NaN)),
    throughput: subject.roundBatchMs.map(
      (ms, round) =>
        ms / (other.roundBatchMs[round] ?? Number.NaN) / (threadsOfRun(other.session) / threadsOfRun(subject.session)),
    ),
  });
  const noise = noiseOf(ratios(control));
  const reports: CandidateReport[] = [];
  for (const { technique, state } of candidates) {
    const { id, title, claim, adopts, isLossy } = technique;
    const about = { id, title, claim, adopts };
    if ('notMeasured' in state) {
      reports.push({ ...about, result: state });
      continue;
    }
    const { judged, prepared } = state;
    const verdict = judge(
      { ...ratios(state.subject), loss: judged.loss },
      { maxLoss, noise, isProof: set.isReal || !isLossy },
    );
    const figures = await figuresOf(state.subject, batching.knee, judged);
    reports.push({
      ...about,
      result: {
        figures,
        verdict: comparisonOf(adopts, verdict),
        loss: judged.loss,
        note: joined(prepared, calibrationNote(prepared), judged),
      },
    });
  }
  const recommended = recommendedOf(reports);
  const best = candidates.find(({ technique }) => technique.id === recommended)?.state;
  const isFile = best !== undefined && 'subject' in best && best.subject.modelPath !== target.modelPath;
  return {
    model: { name: target.name, version: target.place?.version, digest: target.digest },
    measuredAt: new Date().toISOString(),
    machine: {
      cpu: cpus()[0]?.model.trim() ?? 'unknown',
      cores: availableCores(),
      node: process.versions.node,
      onnxruntime: dependencies['onnxruntime-node'],
    },
    evaluation: {
      source: set.source,
      rows: rowsIn(set.requests),
      calibrationRows: calibration?.judgedBecause === undefined ? (calibration?.rows ?? 0) : 0,
      metric: judgement.metric,
    },
    batching,
    original: await figuresOf(subject, batching.knee, { agreement: 1, quality: judgement.quality }),
    noise,
    maxLoss,
    candidates: reports,
    recommended,
    recommendedBatching: isFile ? await measureBatching(best.subject, baseline, target) : batching,
    warnings: [...set.warnings, ...candidates.flatMap(calibrationWarning)],
  };
}

function calibrationNote({ judgedByCalibration }: Prepared): { readonly note: string | undefined } {
  return { note: judgedByCalibration === undefined ? undefined : 'judged by rows that it was calibrated with' };
}

function calibrationWarning({ technique, state }: Candidate): string[] {
  const because = 'subject' in state ? state.prepared.judgedByCalibration : undefined;
  return because === undefined ? [] : [`${technique.title} is judged by rows that it was calibrated with: ${because}`];
}

function joined(...notes: readonly { readonly note?: string | undefined }[]): string | undefined {
  const known = notes.flatMap(({ note }) => note ?? []);
  return known.length === 0 ? undefined : known.join(', ');
}

/** How far two equal copies seem apart: the larger of both. */
function noiseOf({ latency, throughput }: { latency: readonly number[]; throughput: readonly number[] }): number {
  return Math.max(...[latency, throughput].map((list) => Math.abs(median(list) - 1)));
}

function comparisonOf(adopts: Technique['adopts'], verdict: Verdict): Verdict {
  return adopts === 'nothing' && verdict.outcome === 'pays' ? { ...verdict, outcome: 'comparison' } : verdict;
}

function recommendedOf(reports: readonly CandidateReport[]): string | undefined {
  const measured = reports.flatMap(({ id, result }) => ('verdict' in result ? [{ id, verdict: result.verdict }] : []));
  return ranked(measured)[0]?.id;
}

async function figuresOf(
  subject: Subject,
  { rows }: BatchPoint,
  { agreement, quality }: { readonly agreement: number; readonly quality: number | undefined },
): Promise<Figures> {
  return {
    latencyMs: { p50: quantile(subject.latenciesMs, 0.5), p95: quantile(subject.latenciesMs, 0.95) },
    rowsPerSecond: (rows / median(subject.roundBatchMs)) * 1000,
    threads: threadsOfRun(subject.session),
    loadMs: subject.opened.loadMs,
    sizeBytes: subject.sizeBytes,
    memoryBytes: await subject.process.memoryBytes(),
    quality,
    agreement,
  };
}

function rowsIn(requests: Baseline['set']['requests']): number {
  return requests.reduce((sum, [first]) => sum + (first?.shape[0] ?? 1), 0);
}
