/** What a model's path looks like when it is no folder. */
const ANY_URL = /^[a-z][a-z0-9+.-]*:\/\//i;

/** Bucket names as S3 allows them: 3 to 63 lower-case letters, digits, dots and hyphens. */
const S3_URL = /^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?:\/[^?#]*)?$/;

/** Plain HTTP only where nobody can sit in between: digests protect the files, but nothing protects the manifest. */
const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

export function isUrl(path: string): boolean {
  return ANY_URL.test(path);
}

/** What is wrong with the address of a remote model, as `found …, expected …`; undefined where nothing is. */
export function findUrlProblem(text: string): string | undefined {
  const expected = 'expected a folder, s3://BUCKET/PREFIX or https://HOST/PATH';
  if (text.startsWith('s3://')) {
    return S3_URL.test(text) ? undefined : `found '${text}', which names no S3 bucket and prefix, ${expected}`;
  }
  if (!URL.canParse(text)) return `found '${text}', which is not a URL, ${expected}`;
  const { protocol, hostname, username, search, hash } = new URL(text);
  if (protocol === 'http:' && !LOOPBACK.has(hostname)) return `found the unprotected URL '${text}', ${expected}`;
  if (protocol !== 'https:' && protocol !== 'http:') return `found the URL '${text}', ${expected}`;
  // It stands in logs and in the repository index, where a secret must not.
  if (username !== '' || search !== '' || hash !== '') {
    return `found a URL with a user, a query or a fragment, ${expected} without them`;
  }
  return undefined;
}

/** Without slashes at the end: the address that files are named below. */
export function normaliseUrl(url: string): string {
  return url.replace(/\/+$/, '');
}
