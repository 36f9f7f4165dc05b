import { isObject } from '../../lib/spec/describe';
import { PythonError, UnsuitableTask } from '../errors';
import type { Work } from '../work';
import type { PythonEnvironment } from './environment';
import { LineProcessFailed, runLines } from './line-process';

export interface TaskRequest extends Work {
  /** Script that ends with `headroom_task.run(…)`. */
  readonly script: string;
  /** What it is asked, as JSON. */
  readonly task: unknown;
}

/**
 * Runs a script of tasks/ and returns its result. The script is a process of its own: what it loads, and what goes wrong
 * in it, ends with it.
 *
 * @throws PythonError with the script's own sentence where the task cannot be done, UnsuitableTask where it makes no sense
 * @throws the signal's reason when it is aborted
 */
export async function runTask(python: PythonEnvironment, request: TaskRequest): Promise<Record<string, unknown>> {
  const { script, task, folder, signal, progress } = request;
  let result: unknown;
  let failure: PythonError | undefined;
  try {
    const { executable } = python;
    await runLines({ executable, args: [script], input: JSON.stringify(task), temporary: folder, signal }, (line) => {
      const answer = parse(line);
      if (typeof answer.progress === 'string') progress(answer.progress);
      result = answer.result ?? result;
      if (typeof answer.error === 'string') failure = new PythonError(answer.error);
      if (typeof answer.unsuitable === 'string') failure = new UnsuitableTask(answer.unsuitable);
    });
  } catch (error) {
    if (error instanceof LineProcessFailed) throw new PythonError(`the Python script failed: ${error.message}`);
    throw error;
  }
  if (failure !== undefined) throw failure;
  if (isObject(result)) return result;
  throw new PythonError('the Python script ended without a result');
}

function parse(line: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}
