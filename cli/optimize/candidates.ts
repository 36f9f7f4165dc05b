import type { SessionOptions } from '../../service/runtime/session';
import type { TensorSignature } from '../../service/tensor';
import type { Work } from '../work';
import type { Calibration } from './split';

/** Something that is tried on a model. */
export interface Technique {
  /** As in `--only` and in model.yaml. */
  readonly id: string;
  readonly title: string;
  /** What guides promise of it. */
  readonly claim: string;
  /** True where numbers inside the model change by more than rounding. */
  readonly isLossy: boolean;
  /** What of it may be adopted: a new file, settings of model.yaml, or nothing, where it only compares. */
  readonly adopts: 'file' | 'settings' | 'nothing';
  /**
   * Makes what is to be measured.
   * @throws NotMeasured, or any Error whose message says why there is nothing to measure
   */
  prepare(workshop: Workshop): Promise<Prepared>;
}

/** What a technique may use. */
export interface Workshop extends Work {
  readonly modelPath: string;
  readonly signature: TensorSignature;
  /** Cores that this process may use. */
  readonly cores: number;
  /** How the service runs the model as it is. */
  readonly session: SessionOptions;
  /** Rows that the model really gets; undefined where only made-up inputs are at hand. */
  readonly calibration: Calibration | undefined;
}

export interface Prepared {
  readonly modelPath: string;
  readonly session: SessionOptions;
  /** Names and versions of what made the file. */
  readonly tools?: Readonly<Record<string, string>>;
  /** What a person should know of it, such as how much was pruned. */
  readonly note?: string;
  /** Why it was judged by rows that it was calibrated with; undefined where it was not. */
  readonly judgedByCalibration?: string | undefined;
}

/** There is nothing to measure, for the reason given; not a failure. */
export class NotMeasured extends Error {
  /** @param applies false where there never will be: the model has nothing that the technique changes */
  constructor(
    reason: string,
    readonly applies: boolean,
  ) {
    super(reason);
    this.name = 'NotMeasured';
  }
}
