/** Bodies that are alike in kind and differ in what they ask. */
export interface Inputs {
  /** Keys from 0 to this make different bodies; larger ones repeat them. */
  readonly distinct: number;
  /** Whether the key stands where a person put {@link KEY_PLACE}, and so says what is asked. */
  readonly showsKey: boolean;
  /** Undefined for requests without a body. */
  readonly contentType: string | undefined;
  /** The body for a key. */
  body(key: number): string | Buffer;
}

/** What a person may write into a body or a path for the number of the key. */
export const KEY_PLACE = '{{key}}';

/** A body in which each {@link KEY_PLACE} becomes the key; without one it is always the same. */
export function templateInputs(text: string, contentType: string | undefined): Inputs {
  const parts = text.split(KEY_PLACE);
  return {
    distinct: parts.length === 1 ? 1 : Number.MAX_SAFE_INTEGER,
    showsKey: parts.length > 1,
    contentType,
    body: (key) => parts.join(String(key)),
  };
}
