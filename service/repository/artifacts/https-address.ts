import type { Address } from './remote';

/** A folder on a web server or CDN. */
export function httpsAddress(url: string): Address {
  return {
    url,
    followsRedirects: true,
    prepare: async (_method, path, headers) => ({ url: new URL(`${url}/${path}`), headers: { ...headers } }),
  };
}
