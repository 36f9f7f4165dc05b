import { createHash } from 'node:crypto';
import { type FileHandle, mkdir, open, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';

const DATA = 'data';
const DONE = 'done';
const READ_BYTES = 1024 * 1024;
/** As `stat` counts them, whatever the file system's own are. */
const BLOCK_BYTES = 512;
const HEADER = /^(\d+) bytes in parts of \d+\n/;

/**
 * A file that is being downloaded, as a folder: the data, and the numbers of the parts that are in it. A process that
 * ends at any moment leaves at most one part per connection to be downloaded again.
 */
export class PartialFile {
  private constructor(
    readonly directory: string,
    readonly sizeBytes: number,
    readonly partBytes: number,
    private readonly data: FileHandle,
    private readonly log: FileHandle,
    private readonly done: Set<number>,
  ) {}

  /** Goes on with what lies in the folder, or begins anew. */
  static async open(directory: string, sizeBytes: number, partBytes: number): Promise<PartialFile> {
    await mkdir(directory, { recursive: true });
    const text = await readFile(join(directory, DONE), 'utf8').catch(() => '');
    // A line without an end was being written when the process ended. Parts of another size are other parts.
    const [header, ...lines] = text.split('\n').slice(0, -1);
    const isSame = header === headerOf(sizeBytes, partBytes);
    const data = await open(join(directory, DATA), isSame ? 'r+' : 'w+');
    const log = await open(join(directory, DONE), isSame ? 'a' : 'w');
    if (!isSame) await log.write(`${headerOf(sizeBytes, partBytes)}\n`);
    else if (!text.endsWith('\n')) await log.write('\n');
    return new PartialFile(directory, sizeBytes, partBytes, data, log, new Set(isSame ? lines.map(Number) : []));
  }

  get missing(): number[] {
    const parts = Math.ceil(this.sizeBytes / this.partBytes);
    return Array.from({ length: parts }, (_, part) => part).filter((part) => !this.done.has(part));
  }

  /** First and last byte of a part. */
  rangeOf(part: number): readonly [number, number] {
    const first = part * this.partBytes;
    return [first, Math.min(first + this.partBytes, this.sizeBytes) - 1];
  }

  async write(chunk: Buffer, position: number): Promise<void> {
    for (let written = 0; written < chunk.length; ) {
      const { bytesWritten } = await this.data.write(chunk, written, chunk.length - written, position + written);
      written += bytesWritten;
    }
  }

  async markDone(part: number): Promise<void> {
    this.done.add(part);
    await this.log.write(`${part}\n`);
  }

  /** Hexadecimal sha256 of all of it. */
  async digest(): Promise<string> {
    const hash = createHash('sha256');
    const buffer = Buffer.allocUnsafe(READ_BYTES);
    for (let position = 0; ; ) {
      const { bytesRead } = await this.data.read(buffer, 0, READ_BYTES, position);
      if (bytesRead === 0) return hash.digest('hex');
      hash.update(buffer.subarray(0, bytesRead));
      position += bytesRead;
    }
  }

  /** Makes the data a file of its own, on disk before its name is. */
  async moveTo(path: string): Promise<void> {
    await this.data.chmod(0o444);
    await this.data.sync();
    await rename(join(this.directory, DATA), path);
  }

  async close(): Promise<void> {
    await this.data.close();
    await this.log.close();
  }
}

/** What a partial file takes of the disk, and what it takes once it is whole; zeros where there is none. */
export async function partialSizes(directory: string): Promise<{ allocatedBytes: number; wholeBytes: number }> {
  // The data is as long as its last part; what counts is the blocks that are in it.
  const stats = await stat(join(directory, DATA)).catch(() => undefined);
  const text = await readFile(join(directory, DONE), 'utf8').catch(() => '');
  return { allocatedBytes: (stats?.blocks ?? 0) * BLOCK_BYTES, wholeBytes: Number(HEADER.exec(text)?.[1] ?? 0) };
}

function headerOf(sizeBytes: number, partBytes: number): string {
  return `${sizeBytes} bytes in parts of ${partBytes}`;
}
