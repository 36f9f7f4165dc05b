import { CfnSecurityGroupIngress, type ISecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';

export interface SecurityGroupRuleProps {
  /** Whose members are reached. */
  readonly to: ISecurityGroup;

  /** Whose members reach them. */
  readonly from: ISecurityGroup;

  /** TCP port. */
  readonly port: number;

  /** Why, in the words that AWS allows. */
  readonly description: string;
}

/**
 * Lets the members of one security group reach those of another, as a resource of the stack that it is made in. CDK's
 * own `connections` put the rule beside one of the groups, which may make an earlier stack depend on a later one.
 */
export class SecurityGroupRule extends Construct {
  constructor(scope: Construct, id: string, { to, from, port, description }: SecurityGroupRuleProps) {
    super(scope, id);
    new CfnSecurityGroupIngress(this, 'ingress', {
      groupId: to.securityGroupId,
      sourceSecurityGroupId: from.securityGroupId,
      ipProtocol: 'tcp',
      fromPort: port,
      toPort: port,
      description,
    });
  }
}
