import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { csvTyping } from '../../../service/batch/csv';
import { readRows } from '../../../service/batch/rows';
import { cutText } from '../../../service/batch/text-chunks';
import { memoryFile } from './memory-file';

const LIMITS = { rows: 2, bytes: 1000, rowBytes: 1000 };
const untyped = csvTyping([]);

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
    const ranges = await cutText(file, LIMITS);
    const rows = await Promise.all(ranges.map((range) => readRows(file, range, untyped)));
    expect(rows).toEqual([
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

  test('has rows of another width, which are told apart', async () => {
    const file = memoryFile('a.csv', 'a,b\n1,2\n3\n');
    const [range] = await cutText(file, LIMITS);
    expect(range && (await readRows(file, range, untyped))).toEqual([
      { number: 1, record: { a: '1', b: '2' } },
      { number: 2, record: undefined, text: '3', problem: 'the record has 1 fields, but the header 2' },
    ]);
  });

  test('with a column twice in its header is refused', async () => {
    const file = memoryFile('a.csv', 'a,a\n1,2\n');
    const [range] = await cutText(file, LIMITS);
    await expect(range && readRows(file, range, untyped)).rejects.toThrow("a.csv: the header names a column 'a' twice");
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
        const ranges = await cutText(file, { ...LIMITS, rows });
        const read = await Promise.all(ranges.map((range) => readRows(file, range, untyped)));
        // THEN
        const found = read.flat().map(({ number, record }) => [number, record?.n, record?.text ?? '']);
        expect(found).toEqual(texts.map((t, n) => [n + 1, String(n), t]));
        expect(ranges.map((range) => range.rows)).toEqual(read.map(({ length }) => length));
        expect(Math.max(0, ...ranges.map((range) => range.rows))).toBeLessThanOrEqual(rows);
      }
    }),
    { numRuns: 50 },
  );
});

test('columns of CSV are what the features of the model say; an empty field is none', () => {
  const typing = csvTyping([
    { name: 'age', type: 'integer' },
    { name: 'rich', type: 'boolean' },
    { name: 'home', type: 'category', categories: ['1'] },
  ]);
  const typed = (record: Record<string, string>) => ({ ...typing(record) });
  expect(typed({ age: '41', rich: 'TRUE', home: '1', other: '7' })).toEqual({
    age: 41,
    rich: true,
    home: '1',
    other: '7',
  });
  expect(typed({ age: '', rich: 'yes', home: '' })).toEqual({ rich: 'yes' });
  expect(typed({ age: '0x10', rich: 'false' })).toEqual({ age: '0x10', rich: false });
});
