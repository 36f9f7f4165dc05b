/** The code that Node or a library gave an error, such as ENOENT; empty for an error without one. */
export function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}
