/** What became of a row. */
export type RowOutcome =
  /** JSON of its prediction, as `:predict` answers it. */
  | { readonly prediction: string; readonly problem: undefined }
  /** Why there is none, in one sentence; another try would end the same. */
  | { readonly prediction: undefined; readonly problem: string };
