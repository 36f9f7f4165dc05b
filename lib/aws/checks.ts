import { DocumentError } from '../spec/errors';
import type { Spec } from '../spec/load';

/** A spec that says where on AWS it is deployed, and asks for nothing that AWS does not have. */
export type AwsSpec = Spec & { readonly aws: NonNullable<Spec['aws']> };

/** @throws DocumentError with everything that AWS does not have or cannot name, each with its line */
export function checkSpec(spec: Spec): AwsSpec {
  const { aws, source } = spec;
  if (aws === undefined) {
    throw new DocumentError(source.file, [
      source.mistakeAt(['aws'], 'is missing, expected at least the region, as aws: {region: eu-west-1}'),
    ]);
  }
  return { ...spec, aws };
}
