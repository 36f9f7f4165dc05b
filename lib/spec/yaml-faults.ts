import type { ErrorCode } from 'yaml';

/** Where the parser's word says more than its code: what is missing or not expected, by what its message ends or begins with. */
const BY_MESSAGE: readonly (readonly [RegExp, string])[] = [
  [/closing "quote/, 'a quoted text does not end, expected a closing "'],
  [/closing 'quote/, "a quoted text does not end, expected a closing '"],
  [/Missing ,/, 'two entries between brackets stand side by side, expected a comma between them'],
  [/Missing space after :/, "found ':' without a space after it"],
  [/followed by map values/, "found text that is no entry, expected 'key: value'"],
  [/end with a ([\]}])/, 'an opened bracket is not closed, or what stands in it is indented less than its key'],
  [/Comments must be separated/, "found '#' right after other text, expected a space before a comment"],
];

/** What each kind of fault means to somebody who wrote the file by hand. */
const BY_CODE: Readonly<Partial<Record<ErrorCode, string>>> = {
  BAD_DQ_ESCAPE: "found a backslash that escapes nothing in a text in double quotes, expected '\\\\' or single quotes",
  BAD_INDENT:
    'found a line that is indented otherwise than its neighbours, expected entries of one mapping below each other',
  BAD_SCALAR_START: 'found a character with which no text may begin, expected quotes around it',
  BLOCK_AS_IMPLICIT_KEY: "found a second ': ' in one line, expected one entry a line, or quotes around the text",
  BLOCK_IN_FLOW: "found a further ': ' or '- ' between brackets, expected a comma before it, or quotes around the text",
  MULTILINE_IMPLICIT_KEY: "found text that is no entry, expected 'key: value'",
  MULTIPLE_DOCS: "found a second document after '---', expected one",
  TAB_AS_INDENT: 'found a tab at the beginning of a line, expected spaces',
  TAG_RESOLVE_FAILED: "found a tag ('!…'), expected plain values",
  UNEXPECTED_TOKEN: 'found a character that does not belong here, expected an entry or the end of the line',
};

const OTHERWISE = 'found text that is not YAML';

/** One sentence for a fault that the YAML parser found. */
export function yamlFault(code: ErrorCode, message: string): string {
  const [, known] = BY_MESSAGE.find(([pattern]) => pattern.test(message)) ?? [];
  return known ?? BY_CODE[code] ?? OTHERWISE;
}
