import { ArnFormat, Stack } from 'aws-cdk-lib';
import { UserPool } from 'aws-cdk-lib/aws-cognito';
import type { Construct } from 'constructs';
import type { AwsSpec } from '../checks';
import type { ApiAuthorization } from '../gateway/authorization';

/** The authorisation of a spec, for the gateway of a stack. */
export function authorizationOf(scope: Construct, { aws: { authorization } }: AwsSpec): ApiAuthorization {
  if (authorization.type !== 'cognito') return authorization;
  const { userPools, scopes } = authorization;
  return {
    type: 'cognito',
    userPools: userPools.map((id) => UserPool.fromUserPoolArn(scope, `user-pool-${id}`, userPoolArn(scope, id))),
    ...(scopes && { scopes }),
  };
}

/** The id begins with the region of the pool, which need not be that of the gateway. */
function userPoolArn(scope: Construct, id: string): string {
  const [region = ''] = id.split('_');
  return Stack.of(scope).formatArn({
    service: 'cognito-idp',
    region,
    resource: 'userpool',
    resourceName: id,
    arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
  });
}
