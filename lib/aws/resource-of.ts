import type { IConstruct } from 'constructs';

/**
 * The CloudFormation resource of a construct whose own props do not reach all that the resource has.
 * @throws TypeError where it is of another type, as after an upgrade of CDK
 */
export function resourceOf<R>(construct: IConstruct, type: abstract new (...args: never[]) => R): R {
  const resource = construct.node.defaultChild;
  if (resource instanceof type) return resource;
  throw new TypeError(`${construct.node.path} has no resource ${type.name}`);
}
