/** Fail: there is evidence against it. Unknown: there is no evidence, or it is too old or of something else. */
export type State = 'pass' | 'fail' | 'unknown';

/** One thing that was found. */
export interface Finding {
  readonly state: State;
  /** What was found and where: a report and its age, a line of a manifest, a measured value. */
  readonly text: string;
}

/** One of the nine points and what speaks for or against it. */
export interface Point {
  readonly title: string;
  readonly state: State;
  readonly findings: readonly Finding[];
  /** The command that would settle it, or bring it up to date. */
  readonly settle: string;
}

/** A point as good as the worst of its findings; without any it is unknown. */
export function pointOf(title: string, settle: string, findings: readonly Finding[]): Point {
  return { title, state: worst(findings.map(({ state }) => state)), findings, settle };
}

/** Fail before unknown before pass. */
export function worst(states: readonly State[]): State {
  if (states.includes('fail')) return 'fail';
  return states.length === 0 || states.includes('unknown') ? 'unknown' : 'pass';
}

export const pass = (text: string): Finding => ({ state: 'pass', text });
export const fail = (text: string): Finding => ({ state: 'fail', text });
export const unknown = (text: string): Finding => ({ state: 'unknown', text });
