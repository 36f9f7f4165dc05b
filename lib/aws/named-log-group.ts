import { RemovalPolicy } from 'aws-cdk-lib';
import { LogGroup, type LogGroupProps } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';

/** A log group whose name a service of AWS looks for, so that CloudFormation cannot choose it. */
export type NamedLogGroupProps = LogGroupProps & {
  readonly logGroupName: string;
  readonly removalPolicy: RemovalPolicy;
};

/**
 * Made like any other, but never kept by a stack whose first deployment fails: the next try would find the name taken,
 * and fail at that.
 */
export function namedLogGroup(scope: Construct, id: string, { removalPolicy, ...props }: NamedLogGroupProps): LogGroup {
  const kept = removalPolicy === RemovalPolicy.RETAIN;
  return new LogGroup(scope, id, {
    ...props,
    removalPolicy: kept ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : removalPolicy,
  });
}
