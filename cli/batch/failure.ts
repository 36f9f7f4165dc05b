import { ArtifactError, BatchError, BatchInterruptedError, isSystemError, ServiceError } from '../../service/errors';
import { EXIT } from '../errors';

/** Why a run failed, in one sentence, and whether another try may help. */
export interface BatchFailure {
  readonly message: string;
  readonly exitCode: typeof EXIT.failedVerdict | typeof EXIT.doNotRetry;
}

/** Where somebody has to change a path or a right first. All else of the system, such as a full disk, may pass. */
const LASTING: ReadonlySet<string | undefined> = new Set([
  'EACCES',
  'EISDIR',
  'ELOOP',
  'ENAMETOOLONG',
  'ENOTDIR',
  'EPERM',
  'EROFS',
]);

/** Undefined for what is no failure of a run, but a mistake in the command or in this program. */
export function failureOf(error: unknown): BatchFailure | undefined {
  if (error instanceof BatchError) return { message: error.message, exitCode: EXIT.doNotRetry };
  if (isSystemError(error)) {
    return { message: error.message, exitCode: LASTING.has(error.code) ? EXIT.doNotRetry : EXIT.failedVerdict };
  }
  // Of the service, only those come here that are told with 503: the model's worker or the feature store stays away.
  const mayPass =
    error instanceof ArtifactError || error instanceof BatchInterruptedError || error instanceof ServiceError;
  return mayPass ? { message: error.message, exitCode: EXIT.failedVerdict } : undefined;
}
