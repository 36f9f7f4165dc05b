import type { defaultProvider } from '@aws-sdk/credential-provider-node';

/** Keys of AWS as of now; they may be of a short life. */
export type AwsCredentials = ReturnType<typeof defaultProvider>;

/** What the AWS tools read, too. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What the standard chain of AWS finds: variables, profiles, the web identity or pod identity of Kubernetes, the role
 * of a container or a machine. It renews by itself, and is loaded at the first call: whoever needs no AWS does not pay
 * for it. Rejects where there are no credentials.
 */
export function lazyCredentials(): AwsCredentials {
  let provider: AwsCredentials | undefined;
  return async () => {
    provider ??= (await import('@aws-sdk/credential-provider-node')).defaultProvider();
    return provider();
  };
}

/** The region that the environment names. */
export function regionOf({ AWS_REGION, AWS_DEFAULT_REGION }: Environment): string | undefined {
  return AWS_REGION ?? AWS_DEFAULT_REGION;
}
