import { AwsV4Signer } from 'aws4fetch';
import { type AwsCredentials, type Environment, lazyCredentials, regionOf } from '../../aws-credentials';
import { ArtifactError } from '../../errors';
import { reasonOf } from '../reason';
import type { Address } from './remote';

/**
 * A prefix in an S3 bucket. Requests are signed with what the standard chain of AWS finds: variables, profiles, the
 * web identity or pod identity of Kubernetes, the role of a container or a machine.
 *
 * @param url `s3://bucket/prefix`
 * @param environment AWS_REGION or AWS_DEFAULT_REGION; AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL for other servers of S3
 * @param fallbackRegion where the environment says none
 */
export function s3Address(url: string, environment: Environment, fallbackRegion = 'us-east-1'): Address {
  const region = regionOf(environment) ?? fallbackRegion;
  const [bucket = '', ...prefix] = url.slice('s3://'.length).split('/');
  const base = bucketUrl(bucket, region, environment.AWS_ENDPOINT_URL_S3 ?? environment.AWS_ENDPOINT_URL);
  const credentials = lazyCredentials();
  return {
    url,
    followsRedirects: false,
    prepare: async (method, path, headers, query = {}) => {
      const key = [...prefix, ...path.split('/')].map(encodeStrictly).join('/');
      const pairs = Object.entries(query).map(([name, value]) => `${name}=${encodeStrictly(value)}`);
      const target = `${base}/${key}${pairs.length === 0 ? '' : `?${pairs.join('&')}`}`;
      const { accessKeyId, secretAccessKey, sessionToken } = await found(credentials);
      const signer = new AwsV4Signer({
        method,
        url: target,
        headers: { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD', ...headers },
        accessKeyId,
        secretAccessKey,
        ...(sessionToken === undefined ? {} : { sessionToken }),
        service: 's3',
        region,
      });
      const signed = await signer.sign();
      return { url: new URL(target), headers: { ...headers, ...Object.fromEntries(signed.headers) } };
    },
  };
}

/** As signatures are made of it (RFC 3986): encodeURIComponent leaves some reserved characters as they are. */
function encodeStrictly(text: string): string {
  const hex = (character: string) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, hex);
}

/** Names with dots do not fit the certificate for `*.s3.…`, and other servers of S3 seldom have names for buckets. */
function bucketUrl(bucket: string, region: string, endpoint: string | undefined): string {
  if (endpoint !== undefined) return `${endpoint.replace(/\/+$/, '')}/${bucket}`;
  const host = `s3.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
  return bucket.includes('.') ? `https://${host}/${bucket}` : `https://${bucket}.${host}`;
}

async function found(credentials: AwsCredentials): ReturnType<AwsCredentials> {
  try {
    return await credentials();
  } catch (error) {
    throw new ArtifactError(`there are no AWS credentials: ${reasonOf(error)}`);
  }
}
