import type { Static } from 'typebox';
import { acceptDocument, type DocumentPath, type DocumentSource, readDocument } from '../../lib/spec/document';
import { DocumentError, type Mistake } from '../../lib/spec/errors';
import { findContradictions } from './contradictions';
import { ModelSchema } from './schema';

/** A model.yaml without mistakes of its own; whether it fits its model is checked where it is compiled. */
export interface ModelDescription extends Static<typeof ModelSchema> {
  readonly source: DocumentSource;
}

/**
 * Reads a model.yaml.
 * @param file name of the file for messages
 * @throws DocumentError with every mistake, each with its line
 */
export function parseModelDescription(text: string, file: string): ModelDescription {
  const document = readDocument(ModelSchema, text);
  const { mistakeAt } = document;
  const contradictions: Mistake[] = [];
  findContradictions(document.value, (path, message) => contradictions.push(mistakeAt(path, message)));
  return { ...acceptDocument(ModelSchema, document, file, contradictions), source: { file, mistakeAt } };
}

/** Collects what of a description does not fit its model. */
export class Mismatches {
  readonly #mistakes: Mistake[] = [];

  constructor(readonly source: DocumentSource) {}

  add(path: DocumentPath, message: string): void {
    this.#mistakes.push(this.source.mistakeAt(path, message));
  }

  /** @throws DocumentError with all that was added */
  throwIfAny(): void {
    if (this.#mistakes.length > 0) throw this.toError();
  }

  toError(): DocumentError {
    return new DocumentError(this.source.file, this.#mistakes);
  }
}
