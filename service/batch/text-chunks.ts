import { BatchError } from '../errors';
import type { InputFile } from './input-file';

/** Consecutive rows of a file of text. */
export interface TextRange {
  readonly startByte: number;
  readonly endByte: number;
  /** Number of the first row, from 1: of JSONL the line, of CSV the record after the header. */
  readonly firstRow: number;
  /** Rows in it, without blank lines. */
  readonly rows: number;
}

export interface ChunkLimits {
  readonly rows: number;
  /** Of text; a chunk ends with the row that reaches it. */
  readonly bytes: number;
  /** A row longer than this is none: somewhere a quote is missing, or the file is no text. */
  readonly rowBytes: number;
}

const BLOCK_BYTES = 4 * 2 ** 20;

const NEWLINE = 0x0a;
const QUOTE = 0x22;
const BLANKS: ReadonlySet<number> = new Set([0x09, 0x0d, 0x20]);

/**
 * Cuts a file of text into chunks of rows, in one pass. Of CSV, the header is in no chunk, and a line break within
 * quotes ends no row (RFC 4180).
 *
 * @throws BatchError for a row that is too long
 */
export async function cutText(file: InputFile, limits: ChunkLimits): Promise<TextRange[]> {
  const cut = new TextCut(file, limits);
  for (let at = 0; at < file.sizeBytes; at += BLOCK_BYTES) {
    cut.add(await file.read(at, Math.min(at + BLOCK_BYTES, file.sizeBytes)), at);
  }
  return cut.end();
}

class TextCut {
  readonly #ranges: TextRange[] = [];
  readonly #isCsv: boolean;
  #isHeaderDue: boolean;
  #isQuoted = false;
  #isBlank = true;
  #rowStart = 0;
  /** Number of the row that is being read. */
  #row = 1;
  #chunkStart = 0;
  #chunkFirstRow = 1;
  #chunkRows = 0;

  constructor(
    private readonly file: InputFile,
    private readonly limits: ChunkLimits,
  ) {
    this.#isCsv = file.format === 'csv';
    this.#isHeaderDue = this.#isCsv;
  }

  add(block: Uint8Array, offset: number): void {
    for (let i = 0; i < block.length; i++) {
      const byte = block[i] ?? 0;
      if (byte === NEWLINE && !this.#isQuoted) this.#endRow(offset + i + 1);
      else if (byte === QUOTE && this.#isCsv) {
        this.#isQuoted = !this.#isQuoted;
        this.#isBlank = false;
      } else if (this.#isBlank && !BLANKS.has(byte)) this.#isBlank = false;
    }
    this.#checkLength(offset + block.length);
  }

  end(): TextRange[] {
    if (this.#rowStart < this.file.sizeBytes) this.#endRow(this.file.sizeBytes);
    this.#endChunk(this.file.sizeBytes);
    return this.#ranges;
  }

  #endRow(end: number): void {
    this.#checkLength(end);
    const isBlank = this.#isBlank;
    this.#isBlank = true;
    this.#rowStart = end;
    if (this.#isHeaderDue && !isBlank) {
      this.#isHeaderDue = false;
      this.#chunkStart = end;
      return;
    }
    if (!isBlank) this.#chunkRows++;
    // Lines are numbered as an editor does, records without what lies between them.
    if (!this.#isCsv || !isBlank) this.#row++;
    if (this.#chunkRows >= this.limits.rows || end - this.#chunkStart >= this.limits.bytes) this.#endChunk(end);
  }

  #endChunk(end: number): void {
    if (this.#chunkRows > 0) {
      this.#ranges.push({
        startByte: this.#chunkStart,
        endByte: end,
        firstRow: this.#chunkFirstRow,
        rows: this.#chunkRows,
      });
    }
    this.#chunkStart = end;
    this.#chunkFirstRow = this.#row;
    this.#chunkRows = 0;
  }

  #checkLength(end: number): void {
    const { rowBytes } = this.limits;
    if (end - this.#rowStart <= rowBytes) return;
    const hint = this.#isCsv ? '; is a quote missing?' : '';
    throw new BatchError(`${this.file.name}: row ${this.#row} is longer than ${rowBytes} bytes${hint}`);
  }
}
