import { codeOf } from './code-of';
import { fileProblem } from './file-problem';
import { InputError } from './input-error';

/** A place in a text file; line and column count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** One thing wrong with a document. */
export interface Mistake extends Position {
  /** Where in the document, as `models.fraud-detection.peakQps` or `features[2].name`; empty for the whole of it. */
  readonly path: string;
  /** What was found and what is allowed, in one sentence. */
  readonly message: string;
}

/** A document that cannot be used, with everything that is wrong with it, in the order of its lines. */
export class DocumentError extends InputError {
  readonly mistakes: readonly Mistake[];

  constructor(
    readonly file: string,
    mistakes: readonly Mistake[],
  ) {
    const sorted = [...mistakes].sort((a, b) => a.line - b.line || a.column - b.column);
    super(sorted.map((mistake) => formatMistake(file, mistake)).join('\n'));
    this.name = 'DocumentError';
    this.mistakes = sorted;
  }
}

/** `file:line:column: path: message`, the form that terminals and editors make clickable. */
function formatMistake(file: string, { line, column, path, message }: Mistake): string {
  return `${file}:${line}:${column}: ${path === '' ? '' : `${path}: `}${message}`;
}

/** A spec file that cannot be read at all. */
export class SpecFileError extends InputError {
  constructor(
    readonly file: string,
    cause: unknown,
  ) {
    super(`cannot read the spec ${file}: ${describeCause(cause)}`, { cause });
    this.name = 'SpecFileError';
  }
}

const CURES = new Map([
  ['ENOENT', " ('headroom init' writes one)"],
  ['EISDIR', ' such as headroom.yaml'],
]);

function describeCause(cause: unknown): string {
  return fileProblem(cause) + (CURES.get(codeOf(cause)) ?? '');
}
