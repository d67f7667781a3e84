/** Shapes of the records in `records-of-access.ts`. */
import { boolean, type Check, id, list, object, string } from './shape.ts';

/** Credential ids have up to 1023 bytes (Web Authentication Level 3, section 4). */
const MAX_CREDENTIAL_ID_CHARS = 1400;

/** Of a user. */
export const passkeys: Check = list(object({ id: string(MAX_CREDENTIAL_ID_CHARS), publicKey: string(2048) }), 64);

export const ACCESS_SHAPES: Readonly<Record<string, Check>> = {
  mail: object({ id, codeSignIn: boolean }),
  knownDevice: object({ id, userId: id, publicKey: string(256), approved: boolean }),
};
