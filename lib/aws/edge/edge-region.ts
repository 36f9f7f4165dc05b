import { Stack, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { PropsError } from '../errors';

/** Where CloudFront takes certificates and web ACLs from, and where it and they are counted. */
export const EDGE_REGION = 'us-east-1';

/**
 * @param prop where, as `Firewall.scope`
 * @param what belongs to CloudFront
 * @throws PropsError for a construct in a stack of another region; one without a region passes
 */
export function checkEdgeRegion(scope: Construct, prop: string, what: string): void {
  const { region } = Stack.of(scope);
  if (Token.isUnresolved(region) || region === EDGE_REGION) return;
  throw new PropsError(prop, `${what} in a stack in ${region}`, `a stack in ${EDGE_REGION}`);
}
