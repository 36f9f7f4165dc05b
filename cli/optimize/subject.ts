import { statSync } from 'node:fs';
import { CandidateProcess } from '../../service/runtime/candidate/candidate';
import type { OpenedCandidate } from '../../service/runtime/candidate/messages';
import type { SessionOptions } from '../../service/runtime/session';
import { concatRows, type Tensor } from '../../service/tensor';
import { quantile } from '../statistics';

/** How processes of candidates are started, and ended. */
export interface Host {
  /** The bundled process of candidates. */
  readonly candidatePath: string;
  /** Ends them all. */
  readonly signal: AbortSignal;
}

/** One model file with its options, in a process of its own, and what was measured of it so far. */
export class Subject {
  readonly latenciesMs: number[] = [];
  /** Lower quartiles, one a round: what takes longer was held up by something else. */
  readonly roundLatencyMs: number[] = [];
  readonly roundBatchMs: number[] = [];

  private constructor(
    readonly process: CandidateProcess,
    readonly opened: OpenedCandidate,
    readonly modelPath: string,
    readonly session: SessionOptions,
  ) {}

  /** @throws Error in one sentence where the file cannot be run so */
  static async open({ candidatePath, signal }: Host, modelPath: string, session: SessionOptions): Promise<Subject> {
    const process = new CandidateProcess(candidatePath, signal);
    try {
      return new Subject(process, await process.open(modelPath, session), modelPath, session);
    } catch (error) {
      process.close();
      throw error;
    }
  }

  get sizeBytes(): number {
    return statSync(this.modelPath).size;
  }

  /** Outputs of every request, one request after the other. */
  async outputs(requests: readonly (readonly Tensor[])[]): Promise<(readonly Tensor[])[]> {
    const all: (readonly Tensor[])[] = [];
    for (const request of requests) all.push(await this.process.run(request));
    return all;
  }

  /** One round: a row alone, then the batch. */
  async timeRound(batchRows: number | undefined): Promise<void> {
    const alone = await this.process.time({ rows: batchRows === undefined ? undefined : 1, ...ROUND });
    this.latenciesMs.push(...alone);
    this.roundLatencyMs.push(quantile(alone, 0.25));
    const isAlone = batchRows === undefined || batchRows === 1;
    const batch = isAlone ? alone : await this.process.time({ rows: batchRows, ...ROUND });
    this.roundBatchMs.push(quantile(batch, 0.25));
  }

  close(): void {
    this.process.close();
  }
}

/** Enough runs of a small model for a steady median, and three of a large one. */
const ROUND = { budgetMs: 50, minRuns: 3 } as const;

/** Outputs of several requests as if they had been one; undefined where their shapes do not allow it. */
export function joinedOutputs(all: readonly (readonly Tensor[])[]): readonly Tensor[] | undefined {
  const [first] = all;
  if (first === undefined) return undefined;
  const shapeOf = (outputs: readonly Tensor[]) => outputs.map(({ shape }) => shape.slice(1).join()).join(';');
  if (first.some(({ shape }) => shape.length === 0)) return undefined;
  if (all.some((outputs) => shapeOf(outputs) !== shapeOf(first))) return undefined;
  return first.map((_, i) => concatRows(all.flatMap((outputs) => outputs[i] ?? [])));
}
