/** Of a mapping: unknown keys are refused, because a mistyped one would silently do nothing. */
export const CLOSED = { additionalProperties: false } as const;
