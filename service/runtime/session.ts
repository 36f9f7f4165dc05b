/** A model file opened in ONNX Runtime: run, and given back. */
import { types } from 'node:util';
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { type Provider, withFallbacks } from '../provider';
import { DATA_TYPES, dataTypeOfOrt, type Tensor, type TensorSignature, type TensorSpec } from '../tensor';
import { type Fetches, OrtSession, type OrtTensors, type OrtValue } from './ort-session';

export interface SessionOptions {
  /** Threads that one run may use. */
  readonly intraOpThreads: number;
  /** parallel: branches of the graph run side by side, on as many threads again. @default 'sequential' */
  readonly executionMode?: 'sequential' | 'parallel' | undefined;
  /** What ONNX Runtime rewrites in the graph as it loads it. @default 'all' */
  readonly graphOptimization?: GraphOptimization | undefined;
  /** Where the graph is written as it was rewritten. @default nowhere */
  readonly optimizedModelPath?: string | undefined;
  /** @default 'cpu' */
  readonly provider?: Provider | undefined;
}

/** ONNX Runtime's levels, each with what the one before does. */
export type GraphOptimization = 'disabled' | 'basic' | 'extended' | 'all';

/** What a run of a model answers. */
export interface ModelRun {
  /** In the order of the requested outputs; the arrays own their memory. */
  readonly outputs: readonly Tensor[];
  /** Time inside the model. */
  readonly runMs: number;
}

/** Identity of one number, as an ONNX file: the least that a provider can be asked to run. */
const SMALLEST_MODEL = 'CAg6NwoQCgF4EgF5IghJZGVudGl0eRIBZ1oPCgF4EgoKCAgBEgQKAggBYg8KAXkSCgoICAESBAoCCAFCAhAR';

/** ONNX Runtime's level "fatal": a failed run is reported by its rejection, not by a line on stderr as well. */
const LOG_FATAL = 4;
const RUN_OPTIONS = { logSeverityLevel: LOG_FATAL } as const;

/** A loaded model. Runs block the calling thread; inputs are passed without a copy. */
export class ModelSession {
  readonly #fetchAll: Fetches;

  private constructor(
    readonly signature: TensorSignature,
    private readonly session: OrtSession,
  ) {
    this.#fetchAll = fetchesOf(signature.outputs);
  }

  /**
   * Blocks the calling thread while the model is parsed and optimised.
   *
   * @throws Error in one line when the file is not a model, or has inputs or outputs that the protocol cannot carry
   */
  static open(path: string, options: SessionOptions): ModelSession {
    let session: OrtSession;
    try {
      session = new OrtSession(path, {
        executionProviders: withFallbacks(options.provider ?? 'cpu'),
        executionMode: options.executionMode ?? 'sequential',
        graphOptimizationLevel: options.graphOptimization ?? 'all',
        // Left alone, ONNX Runtime takes all cores of the machine, whatever the container may use.
        intraOpNumThreads: options.intraOpThreads,
        interOpNumThreads: options.executionMode === 'parallel' ? options.intraOpThreads : 1,
        logSeverityLevel: LOG_FATAL,
        // Threads that spin while they wait for work cost twice the processor time, and in a container its quota.
        extra: { session: { intra_op: { allow_spinning: '0' }, inter_op: { allow_spinning: '0' } } },
        ...(options.optimizedModelPath === undefined ? {} : { optimizedModelFilePath: options.optimizedModelPath }),
      });
    } catch (error) {
      const reason = explainLoad(error, path);
      if (reason.includes(PROVIDER_MISSING)) throw new Error(`ONNX Runtime has no ${options.provider} provider here`);
      throw new Error(`the file cannot be loaded as an ONNX model: ${reason}`);
    }
    try {
      return new ModelSession(signatureOf(session), session);
    } catch (error) {
      session.release();
      throw error;
    }
  }

  /**
   * @param inputs in the order of the signature, of its datatypes
   * @param outputs indices into the signature's outputs
   * @throws Error in one line with the runtime's own reason when the model fails on these inputs
   */
  run(inputs: readonly Tensor[], outputs: readonly number[]): ModelRun {
    const { signature } = this;
    // Input names are the model author's: `__proto__` must be a key like any other.
    const feeds: OrtTensors = Object.create(null);
    for (let i = 0; i < signature.inputs.length; i++) feeds[at(signature.inputs, i).name] = toOrt(at(inputs, i));
    const fetches = this.#fetchesOf(outputs);
    const startMs = performance.now();
    let results: OrtTensors;
    try {
      results = this.session.run(feeds, fetches, RUN_OPTIONS);
    } catch (error) {
      throw new Error(explainRun(error));
    }
    const runMs = performance.now() - startMs;
    return {
      outputs: outputs.map((index) => {
        const spec = at(signature.outputs, index);
        return fromOrt(spec, results[spec.name]);
      }),
      runMs,
    };
  }

  #fetchesOf(outputs: readonly number[]): Fetches {
    const { signature } = this;
    // Most requests ask for all.
    if (outputs.length === signature.outputs.length) return this.#fetchAll;
    return fetchesOf(outputs.map((index) => at(signature.outputs, index)));
  }

  /** Gives the memory back. */
  release(): void {
    this.session.release();
  }
}

/**
 * Makes sure that models can run on a provider here, which takes its libraries and its device.
 *
 * @throws Error in one line with the reason why not
 */
export async function tryProvider(provider: Provider): Promise<void> {
  // Without fallbacks: those would hide that it is not there.
  const options = { executionProviders: [provider], logSeverityLevel: LOG_FATAL } as const;
  try {
    await (await InferenceSession.create(Buffer.from(SMALLEST_MODEL, 'base64'), options)).release();
  } catch (error) {
    throw new Error(oneLine(error));
  }
}

function signatureOf(session: OrtSession): TensorSignature {
  let unnamed = 0;
  const specOf = (kind: string, metadata: OrtValue): TensorSpec => {
    if (metadata.type === undefined)
      throw new Error(
        `${kind} '${metadata.name}' is not a tensor but a sequence, map or optional (of scikit-learn: to_onnx(…, options={'zipmap': False}), or headroom export)`,
      );
    const datatype = dataTypeOfOrt(metadata.type);
    if (datatype === undefined) {
      throw new Error(
        `${kind} '${metadata.name}' has the type ${metadata.type}, supported: ${Object.keys(DATA_TYPES).join(', ')}`,
      );
    }
    if (datatype === 'FP16' && 'Float16Array' in globalThis) {
      throw new Error(
        `${kind} '${metadata.name}' is FP16, which ONNX Runtime cannot pass on Node ${process.versions.node}, only on 20 and 22`,
      );
    }
    // A dimension without a name is like no other; the signature says so by a name that nothing else has.
    const shape = metadata.shape.map((dimension) => (dimension === '' ? `?${++unnamed}` : dimension));
    return { name: metadata.name, datatype, shape };
  };
  return {
    inputs: session.inputs.map((metadata) => specOf('input', metadata)),
    outputs: session.outputs.map((metadata) => specOf('output', metadata)),
  };
}

function fetchesOf(outputs: readonly TensorSpec[]): Fetches {
  const fetches: Fetches = Object.create(null);
  for (const { name } of outputs) fetches[name] = null;
  return fetches;
}

function toOrt({ datatype, shape, data }: Tensor): OrtTensor {
  return new OrtTensor(DATA_TYPES[datatype].ortType, data, shape);
}

function fromOrt(spec: TensorSpec, value: OrtTensor | undefined): Tensor {
  if (value === undefined) throw new Error(`output '${spec.name}' is missing in the result of the run`);
  return { datatype: spec.datatype, shape: value.dims, data: value.data };
}

/** What ONNX Runtime says of a file, without its own source positions and the path, which is the caller's to tell. */
function explainLoad(error: unknown, path: string): string {
  return oneLine(error)
    .replaceAll(`Load model from ${path} failed:`, '')
    .replaceAll(path, 'the file')
    .replace(SOURCE_POSITION, '');
}

/** What ONNX Runtime says of a failed run, without its own source positions and advice. */
function explainRun(error: unknown): string {
  const text = oneLine(error);
  const status = text.indexOf(STATUS_MARK);
  return (status === -1 ? text : text.slice(status + STATUS_MARK.length))
    .replace(SOURCE_POSITION, '')
    .replace(/ Please fix either the inputs.*$/, '');
}

/** How ONNX Runtime calls what adds a provider that comes as a library of its own, which is not there. */
const PROVIDER_MISSING = 'OrtSessionOptionsAppendExecutionProvider';

const STATUS_MARK = 'Status Message: ';
/** File, line and function of ONNX Runtime's own source, before what it has to say. */
const SOURCE_POSITION = /^\/\S+:\d+ .*?\) (?=\S)/;

function oneLine(error: unknown): string {
  const text = types.isNativeError(error) ? error.message : String(error);
  return text.replace(/\s+/g, ' ').trim();
}

function at<T>(list: readonly T[], index: number): T {
  const item = list[index];
  if (item === undefined) throw new RangeError(`index ${index} is outside of a list of ${list.length}`);
  return item;
}
