/**
 * The grammar of CSV, in one place for those who find where records end and those who read what is in them. RFC 4180 in
 * UTF-8: records end with LF or CRLF outside quotes, and a quote opens only at the beginning of a field. Elsewhere it is
 * a character like others, and so are the quotes of a field that goes on behind its closing one. A line without any
 * character is no record; one of blanks is.
 */
export const CSV_OPTIONS = {
  record_delimiter: ['\r\n', '\n'],
  relax_quotes: true,
  skip_empty_lines: true,
};

/** Why columns of these names cannot be told apart; undefined where they can. */
export function headerProblem(columns: readonly string[]): string | undefined {
  const problem = columns.find((name, i) => name === '' || columns.indexOf(name) !== i);
  if (problem === undefined) return undefined;
  return `the header names a column ${problem === '' ? 'without a name' : `'${problem}' twice`}`;
}
