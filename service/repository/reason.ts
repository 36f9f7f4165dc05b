import { messageOf } from '../../lib/spec/message-of';

/** What an error says, in one line. */
export function reasonOf(error: unknown): string {
  return messageOf(error)
    .trim()
    .replaceAll(/\s*\n\s*/g, '; ');
}
