/**
 * Entry point of a process that holds one candidate of an optimisation: a model file with the options it is run with.
 * A process for each, since only so the memory that is measured is that of one model.
 */
import { messageOf } from '../../../lib/spec/message-of';
import { concatRows, elementCount, sliceRows, type Tensor } from '../../tensor';
import { probe } from '../probe';
import { ModelSession } from '../session';
import type { FromCandidate, TimeRequest, ToCandidate } from './messages';

class Candidate {
  #session: ModelSession | undefined;
  #kept: readonly Tensor[] = [];
  /** Inputs of a number of rows, made once: a round must time the model, not the making of its inputs. */
  readonly #inputs = new Map<number | undefined, readonly Tensor[]>();
  #emptyBytes = 0;

  answer(message: ToCandidate): FromCandidate {
    switch (message.kind) {
      case 'open':
        return this.#open(message);
      case 'probe': {
        const session = this.#opened();
        const report = probe((inputs, outputs) => session.run(inputs, outputs), session.signature, message.examples);
        return { kind: 'probed', report };
      }
      case 'run':
        return { kind: 'ran', outputs: this.#run(message.inputs).outputs };
      case 'keep':
        this.#kept = message.inputs;
        this.#inputs.clear();
        return { kind: 'kept' };
      case 'time':
        return { kind: 'timed', runsMs: this.#time(message) };
      case 'memory':
        return { kind: 'memory', bytes: Math.max(0, process.memoryUsage.rss() - this.#emptyBytes) };
    }
  }

  #open({ modelPath, session }: Extract<ToCandidate, { kind: 'open' }>): FromCandidate {
    this.#emptyBytes = process.memoryUsage.rss();
    const startMs = performance.now();
    this.#session = ModelSession.open(modelPath, session);
    return { kind: 'opened', signature: this.#session.signature, loadMs: performance.now() - startMs };
  }

  #opened(): ModelSession {
    if (this.#session === undefined) throw new Error('no model is open');
    return this.#session;
  }

  #run(inputs: readonly Tensor[]) {
    const session = this.#opened();
    return session.run(
      inputs,
      session.signature.outputs.map((_, index) => index),
    );
  }

  #time({ rows, budgetMs, minRuns }: TimeRequest): number[] {
    const inputs = this.#inputs.get(rows) ?? repeatedTo(this.#kept, rows);
    this.#inputs.set(rows, inputs);
    const runsMs: number[] = [];
    const startMs = performance.now();
    do {
      runsMs.push(this.#run(inputs).runMs);
    } while (runsMs.length < minRuns || performance.now() - startMs < budgetMs);
    return runsMs;
  }
}

/** The same rows over and over, up to a number of them; as they are where none is given. */
function repeatedTo(inputs: readonly Tensor[], rows: number | undefined): readonly Tensor[] {
  if (rows === undefined) return inputs;
  return inputs.map((tensor) => {
    const known = tensor.shape[0] ?? 0;
    if (elementCount(tensor.shape) === 0) throw new Error('no rows are kept to be timed with');
    const whole = Array.from({ length: Math.floor(rows / known) }, () => tensor);
    return concatRows(rows % known === 0 ? whole : [...whole, sliceRows(tensor, 0, rows % known)]);
  });
}

function answer(candidate: Candidate, message: ToCandidate): FromCandidate {
  try {
    return candidate.answer(message);
  } catch (error) {
    return { kind: 'failed', reason: messageOf(error) };
  }
}

function serve(): void {
  const candidate = new Candidate();
  process.on('message', (message: ToCandidate) => {
    process.send?.(answer(candidate, message), (error: Error | null) => {
      if (error !== null) process.exit(1);
    });
  });
  // Whoever asked has gone, and so has the reason to run.
  process.on('disconnect', () => process.exit(0));
}

serve();
