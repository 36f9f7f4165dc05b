import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** Tells why a finding of the nag rules in a construct or below it is as it should be. */
export function acknowledge(scope: IConstruct, id: string, reason: string): void {
  Validations.of(scope).acknowledge({ id, reason });
}

/** The finding that a role has a policy which AWS writes, by its name such as `service-role/AWSLambdaBasicExecutionRole`. */
export function managedPolicyFinding(name: string): string {
  return `AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/${name}]`;
}
