import { BatchError } from '../errors';
import type { InputFile } from './input-file';
import { firstRowStart, LineScan, RecordScan, type RowScan } from './row-scan';

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

/**
 * Cuts a file of text into chunks of rows, in one pass. Of CSV, the header is in no chunk, and a line break within
 * quotes ends no row.
 *
 * @throws BatchError for a row that is too long, and for a quote that is not closed
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
  readonly #scan: RowScan;
  #isHeaderDue: boolean;
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
    this.#scan = this.#isCsv ? new RecordScan() : new LineScan();
    this.#isHeaderDue = this.#isCsv;
  }

  add(block: Uint8Array, offset: number): void {
    for (let i = offset === 0 ? firstRowStart(block) : 0; i < block.length; i++) {
      if (this.#scan.add(block[i] ?? 0)) this.#endRow(offset + i + 1);
    }
    this.#checkLength(offset + block.length);
  }

  end(): TextRange[] {
    if (this.#scan.isQuoted) {
      throw new BatchError(`${this.file.name}: ${this.#place} begins a quote that nothing ends`);
    }
    if (this.#rowStart < this.file.sizeBytes) this.#endRow(this.file.sizeBytes);
    this.#endChunk(this.file.sizeBytes);
    return this.#ranges;
  }

  /** The row that is being read, in words. */
  get #place(): string {
    return this.#isHeaderDue ? 'the header' : `row ${this.#row}`;
  }

  #endRow(end: number): void {
    this.#checkLength(end);
    const { isBlank } = this.#scan;
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
    throw new BatchError(`${this.file.name}: ${this.#place} is longer than ${rowBytes} bytes${hint}`);
  }
}
