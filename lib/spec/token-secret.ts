/** Names of Secrets: DNS subdomains (RFC 1123). */
export const SECRET_NAME = '[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?';

/** Keys in the data of a Secret. */
export const SECRET_KEY = '[-._a-zA-Z0-9]{1,253}';

/** Key under which a token is looked for where nobody says otherwise. */
export const DEFAULT_TOKEN_KEY = 'token';
