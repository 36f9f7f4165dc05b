import { describe, expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { CSV_OPTIONS } from '../../../service/batch/csv';
import { csvTyping } from '../../../service/batch/csv-typing';
import type { InputFile } from '../../../service/batch/input-file';
import { type InputRow, RowReader } from '../../../service/batch/rows';
import { type ChunkLimits, cutText } from '../../../service/batch/text-chunks';
import { memoryFile } from './memory-file';

const LIMITS = { rows: 2, bytes: 1000, rowBytes: 1000 };
const untyped = csvTyping([]);

/** The rows of all chunks, chunk by chunk. */
async function chunksOf(file: InputFile, limits: ChunkLimits): Promise<InputRow[][]> {
  const reader = new RowReader(untyped);
  const ranges = await cutText(file, limits);
  const chunks = await Promise.all(ranges.map((range) => reader.read(file, range)));
  expect(ranges.map(({ rows }) => rows)).toEqual(chunks.map(({ length }) => length));
  return chunks;
}

describe('a file of lines', () => {
  test('is cut after so many rows; blank lines are none, but count as lines', async () => {
    const file = memoryFile('a.jsonl', '{"a":1}\n\n{"a":2}\r\n  \n{"a":3}');
    expect(await cutText(file, LIMITS)).toEqual([
      { startByte: 0, endByte: 18, firstRow: 1, rows: 2 },
      { startByte: 18, endByte: 28, firstRow: 4, rows: 1 },
    ]);
  });

  test('is cut after so many bytes', async () => {
    const file = memoryFile('a.jsonl', '{"a":1}\n{"a":2}\n{"a":3}\n');
    expect((await cutText(file, { ...LIMITS, bytes: 5 })).map(({ rows }) => rows)).toEqual([1, 1, 1]);
  });

  test('with a row that is too long is refused', async () => {
    const file = memoryFile('a.jsonl', `{}\n${'x'.repeat(100)}\n`);
    await expect(cutText(file, { ...LIMITS, rowBytes: 50 })).rejects.toThrow('a.jsonl: row 2 is longer than 50 bytes');
  });

  test('without rows has no chunks', async () => {
    expect(await cutText(memoryFile('a.jsonl', '\n \n'), LIMITS)).toEqual([]);
    expect(await cutText(memoryFile('a.csv', 'only,a,header\n'), LIMITS)).toEqual([]);
  });
});

describe('a file of CSV', () => {
  test('is never cut within quotes, and its header is in no chunk', async () => {
    const file = memoryFile('a.csv', 'id,text\n1,"two\nlines"\n2,"a ""quote""\n"\n3,x\n');
    expect(await chunksOf(file, LIMITS)).toEqual([
      [
        { number: 1, record: { id: '1', text: 'two\nlines' } },
        { number: 2, record: { id: '2', text: 'a "quote"\n' } },
      ],
      [{ number: 3, record: { id: '3', text: 'x' } }],
    ]);
  });

  test('tells of a quote that is missing', async () => {
    const file = memoryFile('a.csv', `id\n"${'x'.repeat(100)}\n1\n`);
    await expect(cutText(file, { ...LIMITS, rowBytes: 50 })).rejects.toThrow(
      'row 1 is longer than 50 bytes; is a quote',
    );
  });

  test.each([
    ['in the middle of a field', 'id,text\n1,5" pipe\n2,b"c\n', ['5" pipe', 'b"c']],
    ['behind another one that closed', 'id,text\n1,"a"b\n2,""c"\n', ['"a"b', '""c"']],
    ['of a header', '\ufeff"id","te\nxt"\n1,a\n2,b\n', ['a', 'b']],
  ])('has quotes that open nothing, %s', async (_, text, values) => {
    const rows = (await chunksOf(memoryFile('a.csv', text), { ...LIMITS, rows: 1 })).flat();
    expect(rows.map(({ record }) => record?.text ?? record?.['te\nxt'])).toEqual(values);
  });

  test('has a row that never ends where a quote is not closed', async () => {
    const cutting = cutText(memoryFile('a.csv', 'id,text\n1,a\n2,"b\n3,c\n'), LIMITS);
    await expect(cutting).rejects.toThrow('a.csv: row 2 begins a quote that nothing ends');
  });

  test('is asked for its header once, however many chunks it has', async () => {
    const file = memoryFile('a.csv', 'id\n1\n2\n3\n');
    const starts: number[] = [];
    const read: InputFile['read'] = (start, end) => {
      starts.push(start);
      return file.read(start, end);
    };
    await chunksOf({ ...file, read }, { ...LIMITS, rows: 1 });
    // To cut it, for its header, and for each chunk.
    expect(starts.filter((start) => start === 0)).toHaveLength(2);
  });

  test('may have a long header', async () => {
    const columns = Array.from({ length: 30_000 }, (_, i) => `column${i}`);
    const file = memoryFile('a.csv', `${columns.join(',')}\n${columns.map((_, i) => i).join(',')}\n`);
    const limits = { ...LIMITS, rowBytes: 2 ** 20 };
    const [[row] = []] = await chunksOf(file, limits);
    expect(Object.keys(row?.record ?? {})).toHaveLength(30_000);
  });

  test('has rows of another width, which are told apart', async () => {
    const file = memoryFile('a.csv', 'a,b\n1,2\n3\n');
    expect(await chunksOf(file, LIMITS)).toEqual([
      [
        { number: 1, record: { a: '1', b: '2' } },
        { number: 2, record: undefined, text: '3', problem: 'the record has 1 fields, but the header 2' },
      ],
    ]);
  });

  test('with a column twice in its header is refused', async () => {
    const file = memoryFile('a.csv', 'a,a\n1,2\n');
    await expect(chunksOf(file, LIMITS)).rejects.toThrow("a.csv: the header names a column 'a' twice");
  });
});

test('whatever the rows and limits, the chunks hold each row once, in order', async () => {
  const text = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', 'é', ' ') });
  await fc.assert(
    fc.asyncProperty(fc.array(text, { maxLength: 20 }), fc.integer({ min: 1, max: 5 }), async (texts, rows) => {
      // GIVEN rows of CSV with anything in their quotes, and the same as JSONL
      const csv = memoryFile('a.csv', `n,text\n${texts.map((t, n) => `${n},"${t.replaceAll('"', '""')}"\n`).join('')}`);
      const jsonl = memoryFile(
        'a.jsonl',
        texts.map((t, n) => `${JSON.stringify({ n: String(n), text: t })}\n`).join(''),
      );
      for (const file of [csv, jsonl]) {
        // WHEN
        const chunks = await chunksOf(file, { ...LIMITS, rows });
        // THEN
        const found = chunks.flat().map(({ number, record }) => [number, record?.n, record?.text ?? '']);
        expect(found).toEqual(texts.map((t, n) => [n + 1, String(n), t]));
        expect(Math.max(0, ...chunks.map(({ length }) => length))).toBeLessThanOrEqual(rows);
      }
    }),
    { numRuns: 50 },
  );
});

const text = (...characters: string[]) => fc.string({ unit: fc.constantFrom(...characters), maxLength: 40 });

test('wherever a text is cut, its chunks hold the rows that it holds as a whole', async () => {
  const limits = fc.record({ rows: fc.integer({ min: 1, max: 4 }), bytes: fc.integer({ min: 1, max: 20 }) });
  const kind = fc.constantFrom('a.csv', 'a.jsonl');
  const content = text('a', '"', '"', ',', '\n', '\n', '\r', ' ', '\ufeff', '\u00a0', '{}');
  await fc.assert(
    fc.asyncProperty(kind, content, limits, async (name, rows, cuts) => {
      // GIVEN a file of anything, with a header where it is CSV
      const file = memoryFile(name, name === 'a.csv' ? `x,y\n${rows}` : rows);
      const whole = { rows: 1000, bytes: 1000, rowBytes: 1000 };
      const expected = await chunksOf(file, whole).catch(String);
      // WHEN it is cut
      const found = await chunksOf(file, { ...whole, ...cuts }).catch(String);
      // THEN
      expect(typeof found === 'string' ? found : found.flat()).toEqual(
        typeof expected === 'string' ? expected : expected.flat(),
      );
    }),
    { numRuns: 2000 },
  );
});

test('records of CSV end where the library that reads them says so', async () => {
  await fc.assert(
    fc.asyncProperty(text('a', '"', '"', ',', '\n', '\n', '\r', ' ', '\0'), async (rows) => {
      // GIVEN what the library finds in the whole
      let expected: string[][] | 'a quote is open';
      try {
        expected = parse(rows, { ...CSV_OPTIONS, relax_column_count: true });
      } catch {
        expected = 'a quote is open';
      }
      // WHEN each record is a chunk
      const file = memoryFile('a.csv', `x\n${rows}`);
      const limits = { rows: 1, bytes: 1000, rowBytes: 1000 };
      const ranges = await cutText(file, limits).catch(() => 'a quote is open' as const);
      // THEN
      if (typeof ranges === 'string' || typeof expected === 'string') {
        expect(ranges).toBe(expected);
        return;
      }
      const bytes = Buffer.from(await file.read(0, file.sizeBytes));
      const chunks = ranges.map(({ startByte, endByte }) => bytes.subarray(startByte, endByte));
      expect(chunks.flatMap((chunk) => parse(chunk, { ...CSV_OPTIONS, relax_column_count: true }))).toEqual(expected);
      expect(ranges).toHaveLength(expected.length);
    }),
    { numRuns: 2000 },
  );
});
