import { LRUCache } from 'lru-cache';
import type { CachedModel } from '../cache/cached-model';
import type { CachedRow } from '../cache/kept-row';
import type { PredictionCache } from '../cache/prediction-cache';

/** A prediction that came whole from the cache, and the key it is kept under there. */
export interface KeptPrediction {
  readonly key: string;
  readonly row: CachedRow;
}

interface RememberedAnswer extends KeptPrediction {
  readonly answer: string;
}

/** Longer questions are rarely asked again word for word, and comparing them costs what is to be saved. */
const MAX_QUESTION_CHARACTERS = 4096;
/** Per model version; the least recently asked go first. */
const MAX_BYTES = 4 * 2 ** 20;
/** Of so many answers one is remembered: those that are asked for often soon are, and the others cost little. */
const CANDIDATES_PER_ANSWER = 4;
/** Key, row reference and list links of an entry, which holds two bytes a character at most besides. */
const ENTRY_OVERHEAD_BYTES = 500;

/**
 * Answers by the very text of the request, in front of the prediction cache of one model version: a repeated question
 * is neither parsed nor encoded, and its answer is not worded anew. On a small model that is most of what a hit costs.
 *
 * It decides nothing: an answer is given only while the prediction cache still keeps the very row it was worded from,
 * so time to live, renewal and invalidation stay where they are.
 */
export class AnswerMemo {
  readonly #answers = new LRUCache<string, RememberedAnswer>({
    maxSize: MAX_BYTES,
    sizeCalculation: ({ answer }, question) => 2 * (answer.length + question.length) + ENTRY_OVERHEAD_BYTES,
  });

  #candidates = 0;

  constructor(
    private readonly cache: PredictionCache,
    private readonly model: CachedModel,
  ) {}

  /** The answer to this text, or undefined where it must be found the long way. */
  recall(question: string): string | undefined {
    if (this.#answers.size === 0 || question.length > MAX_QUESTION_CHARACTERS) return undefined;
    const remembered = this.#answers.get(question);
    if (remembered === undefined) return undefined;
    if (this.cache.keeps(this.model, remembered.key, remembered.row)) return remembered.answer;
    this.#answers.delete(question);
    return undefined;
  }

  /** Keeps some of the answers. To be called for those that hang on the text and the kept row alone. */
  offer(question: string, answer: string, { key, row }: KeptPrediction): void {
    if (question.length > MAX_QUESTION_CHARACTERS || ++this.#candidates % CANDIDATES_PER_ANSWER > 0) return;
    this.#answers.set(question, { answer, key, row });
  }
}
