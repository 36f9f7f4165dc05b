import type { Feature } from '../../model/schema';

/**
 * The value of a feature that is stored as text: JSON, where text and categories need no quotes. Numbers that are none
 * stay text, which fits no number. null: no value.
 */
export function valueOfText(type: Feature['type'], text: string): unknown {
  const isWord = type === 'text' || type === 'category';
  if (isWord && !text.startsWith('"')) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
