import { CfnPodIdentityAssociation, type ICluster } from 'aws-cdk-lib/aws-eks-v2';
import { type IGrantable, type IPrincipal, Role, ServicePrincipal, SessionTagsPrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';

export interface PodIdentityProps {
  readonly cluster: ICluster;
  readonly namespace: string;
  readonly serviceAccount: string;
}

/**
 * What pods may do on AWS: a role for all pods of a service account, without credentials in the cluster. Grant to it
 * like to any principal. Pods that start before it exists run without it, so whatever makes them depends on it.
 * The cluster needs the add-on eks-pod-identity-agent.
 */
export class PodIdentity extends Construct implements IGrantable {
  readonly role: Role;
  readonly grantPrincipal: IPrincipal;

  constructor(scope: Construct, id: string, { cluster, namespace, serviceAccount }: PodIdentityProps) {
    super(scope, id);
    this.role = new Role(this, 'role', {
      assumedBy: new SessionTagsPrincipal(new ServicePrincipal('pods.eks.amazonaws.com')),
      description: `Pods of the service account ${namespace}/${serviceAccount}`,
    });
    this.grantPrincipal = this.role.grantPrincipal;
    new CfnPodIdentityAssociation(this, 'association', {
      clusterName: cluster.clusterName,
      namespace,
      serviceAccount,
      roleArn: this.role.roleArn,
    });
  }
}
