import { isObject } from '../../lib/spec/describe';
import type { Tensor, TensorSignature } from '../../service/tensor';
import { PythonError, UsageError } from '../errors';
import { runTask } from '../python/task';
import { readTensors, type StoredTensor } from '../python/tensor-file';
import type { Work } from '../work';
import type { ModelFacts } from './describe';
import type { InputSpec } from './input-spec';

/** What converts. */
export interface Converter extends Work {
  /** The user's Python, which has the packages that the model needs. */
  readonly executable: string;
  readonly script: string;
}

export interface Converted extends ModelFacts {
  /** Such as scikit-learn. */
  readonly framework: string;
  /** Class of the model. */
  readonly kind: string;
  readonly tools: Readonly<Record<string, string>>;
  /** Whether the numbers of its inputs are doubles, even where its export takes FP32. */
  readonly takesDoubles: boolean;
  /** Stored tensors by input, where the source brings an example; empty for others. */
  readonly example: Readonly<Record<string, unknown>>;
}

/** A converter cannot convert the model; the message is its own sentence. */
export class ConversionFailed extends Error {}

/** What is asked of the converter. */
export interface Conversion {
  readonly source: string;
  readonly opset: number;
  readonly inputs: readonly InputSpec[];
  readonly outputs: readonly string[];
  /** File to be written. */
  readonly output: string;
}

/**
 * Loads the original and writes it as ONNX.
 * @throws UsageError in one sentence that says what is missing or wrong
 * @throws ConversionFailed where the converter cannot do it
 */
export async function convert(converter: Converter, conversion: Conversion): Promise<Converted> {
  const result = await ask(converter, { method: 'convert', folder: converter.folder, ...conversion });
  if (typeof result.failure === 'string') throw new ConversionFailed(result.failure);
  const tools = Object.entries(isObject(result.tools) ? result.tools : {});
  return {
    framework: String(result.framework),
    kind: String(result.kind),
    tools: Object.fromEntries(tools.map(([name, version]) => [name, String(version)])),
    features: textsOf(result.features),
    integers: Array.isArray(result.integers) ? result.integers.map((one) => one === true) : undefined,
    labels: textsOf(result.labels),
    takesDoubles: result.takesDoubles === true,
    example: isObject(result.example) ? result.example : {},
  };
}

/** What is asked of the original. */
export interface Question {
  readonly source: string;
  readonly inputs: readonly InputSpec[];
  /** The exported file, whose inputs are drawn. */
  readonly model: string;
  /** Requests with given inputs. */
  readonly given: readonly Readonly<Record<string, StoredTensor>>[];
  /** Rows of each request with random inputs. */
  readonly batches: readonly number[];
  readonly seed: number;
}

/** A request and what the original answers to it, in the order of the signature. */
export interface Answered {
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
}

/** @throws UsageError where the original cannot answer */
export async function answer(
  converter: Converter,
  question: Question,
  { inputs, outputs }: TensorSignature,
): Promise<Answered[]> {
  const { requests } = await ask(converter, { method: 'answer', folder: converter.folder, ...question });
  if (!Array.isArray(requests)) throw new PythonError('the Python script gave no answers');
  return requests.map((request: unknown) => {
    const stored = isObject(request) ? request : {};
    return { inputs: readTensors(stored.inputs, inputs), outputs: readTensors(stored.outputs, outputs) };
  });
}

async function ask(converter: Converter, task: object): Promise<Record<string, unknown>> {
  const { executable } = converter;
  try {
    return await runTask({ executable }, { ...converter, task });
  } catch (error) {
    if (error instanceof PythonError) throw new UsageError(explain(error.message, executable));
    throw error;
  }
}

function explain(message: string, executable: string): string {
  if (!message.includes('ENOENT')) return message;
  return `there is no Python ${executable}; name the one that has the model's packages: --python PATH`;
}

function textsOf(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) ? value.map(String) : undefined;
}
