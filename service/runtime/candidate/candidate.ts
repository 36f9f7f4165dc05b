import { type ChildProcess, fork } from 'node:child_process';
import type { Tensor } from '../../tensor';
import type { ProbeReport } from '../probe';
import type { SessionOptions } from '../session';
import type { FromCandidate, OpenedCandidate, TimeRequest, ToCandidate } from './messages';

/** A model in a process of its own, to be measured. It does one thing at a time. */
export class CandidateProcess {
  readonly #child: ChildProcess;
  #settle: ((reply: FromCandidate) => void) | undefined;
  #ended: string | undefined;

  /**
   * @param path the bundled process.ts
   * @param signal ends the process, whatever it does, as {@link close} does
   */
  constructor(path: string, signal: AbortSignal) {
    // Tensors of 64-bit integers are no JSON. The flags of this process, such as inspectors, are not for the child.
    // What ONNX Runtime writes to stderr as it fails, it also says in the error.
    const stdio = ['ignore', 'ignore', 'ignore', 'ipc'] as const;
    // In a group of its own: what the terminal sends as an interrupt is for this process alone to act on.
    const ending = { signal, killSignal: 'SIGKILL', detached: true } as const;
    this.#child = fork(path, { serialization: 'advanced', execArgv: [], stdio: [...stdio], ...ending });
    this.#child.on('message', (reply: FromCandidate) => this.#answer(reply));
    this.#child.on('error', (error) => this.#end(error.message));
    this.#child.on('exit', (code, signal) => this.#end(`its process ended with ${signal ?? `code ${code}`}`));
  }

  /** @throws Error in one sentence when the file cannot be run so */
  async open(modelPath: string, session: SessionOptions): Promise<OpenedCandidate> {
    return expectKind(await this.#ask({ kind: 'open', modelPath, session }), 'opened');
  }

  async probe(examples: readonly Tensor[] | undefined): Promise<ProbeReport> {
    return expectKind(await this.#ask({ kind: 'probe', examples }), 'probed').report;
  }

  /** All outputs, in the order of the signature. */
  async run(inputs: readonly Tensor[]): Promise<readonly Tensor[]> {
    return expectKind(await this.#ask({ kind: 'run', inputs }), 'ran').outputs;
  }

  /** Rows for {@link time}. */
  async keep(inputs: readonly Tensor[]): Promise<void> {
    expectKind(await this.#ask({ kind: 'keep', inputs }), 'kept');
  }

  /** Durations of runs, in milliseconds. */
  async time(request: TimeRequest): Promise<readonly number[]> {
    return expectKind(await this.#ask({ kind: 'time', ...request }), 'timed').runsMs;
  }

  /** Resident memory that the model and its runs so far have added, in bytes. */
  async memoryBytes(): Promise<number> {
    return expectKind(await this.#ask({ kind: 'memory' }), 'memory').bytes;
  }

  /** Ends the process; whatever it was asked fails. */
  close(): void {
    this.#child.kill('SIGKILL');
  }

  #ask(message: ToCandidate): Promise<FromCandidate> {
    return new Promise((resolve) => {
      if (this.#ended !== undefined) {
        resolve({ kind: 'failed', reason: this.#ended });
        return;
      }
      this.#settle = resolve;
      this.#child.send(message, (error) => {
        if (error !== null) this.#end(error.message);
      });
    });
  }

  #answer(reply: FromCandidate): void {
    const settle = this.#settle;
    this.#settle = undefined;
    settle?.(reply);
  }

  #end(reason: string): void {
    this.#ended ??= reason;
    this.#answer({ kind: 'failed', reason: this.#ended });
  }
}

function expectKind<K extends FromCandidate['kind']>(
  reply: FromCandidate,
  kind: K,
): Extract<FromCandidate, { kind: K }> {
  if (reply.kind === 'failed') throw new Error(reply.reason);
  if (!isKind(reply, kind)) throw new Error(`the process answered '${reply.kind}' where '${kind}' was due`);
  return reply;
}

function isKind<K extends FromCandidate['kind']>(
  reply: FromCandidate,
  kind: K,
): reply is Extract<FromCandidate, { kind: K }> {
  return reply.kind === kind;
}
