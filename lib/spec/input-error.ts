/** A mistake in what was given: its message says all, and a stack would only hide it. */
export abstract class InputError extends Error {}
