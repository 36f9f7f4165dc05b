/** Finds where the rows of a text end, byte by byte. */
export interface RowScan {
  /** @returns true where the byte is the last one of a row, the line break included */
  add(byte: number): boolean;
  /** Of the row up to the last byte: there is nothing in it, so it is none. */
  readonly isBlank: boolean;
  /** A quote is open: what follows belongs to the row, line breaks too. */
  readonly isQuoted: boolean;
}

/** What some programs put before UTF-8; it belongs to no row. */
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf] as const;

/** Of the beginning of a file: where its first row begins. */
export function firstRowStart(bytes: Uint8Array): number {
  return BYTE_ORDER_MARK.every((byte, i) => bytes[i] === byte) ? BYTE_ORDER_MARK.length : 0;
}

const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;

/** Lines of JSON: blanks make no row. */
export class LineScan implements RowScan {
  readonly isQuoted = false;
  isBlank = true;
  #hasEnded = true;

  add(byte: number): boolean {
    if (this.#hasEnded) this.isBlank = true;
    if (byte !== LF && byte !== CR && byte !== SPACE && byte !== TAB) this.isBlank = false;
    this.#hasEnded = byte === LF;
    return this.#hasEnded;
  }
}

type Place = 'beforeField' | 'inField' | 'inQuotes' | 'behindQuote';

/** Records of CSV, by the grammar of csv.ts. */
export class RecordScan implements RowScan {
  isBlank = true;
  #place: Place = 'beforeField';
  #hasEnded = true;
  /** All of the row so far. */
  #isOneCr = false;

  get isQuoted(): boolean {
    return this.#place === 'inQuotes';
  }

  add(byte: number): boolean {
    const isFirst = this.#hasEnded;
    const wasOneCr = this.#isOneCr;
    this.#place = this.#next(byte);
    this.#hasEnded = byte === LF && this.#place === 'beforeField';
    this.#isOneCr = isFirst && byte === CR;
    // A CR belongs to the line break only where a LF follows.
    this.isBlank = this.#hasEnded && (isFirst || wasOneCr);
    return this.#hasEnded;
  }

  #next(byte: number): Place {
    if (this.#place === 'inQuotes') return byte === QUOTE ? 'behindQuote' : 'inQuotes';
    if (byte === COMMA || byte === LF) return 'beforeField';
    if (byte === QUOTE && this.#place !== 'inField') return 'inQuotes';
    return 'inField';
  }
}
