/** What an error says, in one line. */
export function reasonOf(error: unknown): string {
  const hasMessage = typeof error === 'object' && error !== null && 'message' in error;
  const message = hasMessage ? String(error.message) : String(error);
  return message.trim().replaceAll(/\s*\n\s*/g, '; ');
}
