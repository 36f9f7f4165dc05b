import type { PolicyValidationPluginReport } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { IConstruct } from 'constructs';

/**
 * The rules of AwsSolutions, asked at once and reported when the app is synthesized: by then, references between stacks
 * have lost the names by which findings are acknowledged.
 */
export class AwsSolutions extends AwsSolutionsChecks {
  readonly #report: PolicyValidationPluginReport;

  /** @param app with all that it is to have */
  constructor(app: IConstruct) {
    super(app);
    this.#report = this.validateScope(app);
  }

  override validate(): PolicyValidationPluginReport {
    return this.#report;
  }
}
