import { createHash } from 'node:crypto';

/**
 * Value of the API key by which a gateway counts what a client sends. It is no secret: where tokens say who calls, no
 * caller gives a key, the authoriser does.
 *
 * @param scope what tells gateways of one account apart
 * @param client as in the client's tokens
 * @returns 64 hexadecimal digits; keys have 20 to 128 characters
 */
export function usageKey(scope: string, client: string): string {
  return createHash('sha256')
    .update(JSON.stringify([scope, client]))
    .digest('hex');
}
