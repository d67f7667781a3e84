/** How many tries a secret stands, all PoPs together, within any hour. */
export interface TryAllowance {
  /** Split among the PoPs: what they have without control. */
  readonly standing: number;
  /** Handed out by control to whichever PoP asks. */
  readonly pooled: number;
  /** Split among the PoPs, for browsers that signed in before with the same secret. */
  readonly knownBrowsers: number;
  /** Split among the PoPs, for addresses from which somebody did. */
  readonly knownAddresses: number;
  /** Of one address at one PoP. */
  readonly perAddress: number;
  /** Of one known browser at one PoP. */
  readonly perBrowser: number;
}

/** Methods whose secret people choose, so that it can be guessed. */
export type GuessableMethod = 'pin' | 'resource-password' | 'header';

/**
 * The sum is what an attacker gets in the worst hour: of the pool twice its size, because what was handed out just before
 * an hour may be spent in it. Of a PIN of 6 digits 30 + 2 * 15 + 15 + 15 = 90: a chance of 9e-5. What turned out right
 * does not count, so people who know the secret hardly use anything up.
 */
export const TRY_ALLOWANCES: Readonly<Record<GuessableMethod, TryAllowance>> = {
  pin: { standing: 30, pooled: 15, knownBrowsers: 15, knownAddresses: 15, perAddress: 5, perBrowser: 5 },
  'resource-password': {
    standing: 150,
    pooled: 75,
    knownBrowsers: 75,
    knownAddresses: 75,
    perAddress: 10,
    perBrowser: 10,
  },
  header: { standing: 150, pooled: 75, knownBrowsers: 0, knownAddresses: 150, perAddress: 20, perBrowser: 0 },
};
