/** Whose tokens an authoriser takes, and how it counts what their clients send. */
export interface TokenSettings {
  /** The claim `iss`. */
  readonly issuer: string;
  /** The claim `aud` is one of these. */
  readonly audience: readonly string[];
  /** Where the issuer's public keys are. */
  readonly jwksUrl: string;
  readonly usage?: {
    /** Claim that names the client. */
    readonly claim: string;
    /** See usage-key.ts. */
    readonly scope: string;
  };
}

/** Environment variable of the function that holds its settings as JSON. */
export const SETTINGS_VARIABLE = 'TOKEN_SETTINGS';
