/** A passkey in software, as browsers hand out its answers: ES256, attestation `none` (Web Authentication Level 3, section 6.5). */
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

export interface Place {
  readonly rpId: string;
  readonly origin: string;
}

export interface Asked {
  readonly challenge: string;
  readonly userVerified?: boolean;
  /** What it says of how often it was used; left out: one more than before. */
  readonly counter?: number;
  readonly origin?: string;
}

const PRESENT = 0x01;
const VERIFIED = 0x04;
const ATTESTED = 0x40;

export class SoftwareAuthenticator {
  readonly id = randomBytes(16);
  readonly #keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  readonly #place: Place;
  readonly #userId: string;
  #counter = 0;

  constructor(place: Place, userId: string) {
    this.#place = place;
    this.#userId = userId;
  }

  /** COSE key (RFC 9053 section 7.1.1), as the server keeps it. */
  get publicKey(): Buffer {
    const { x = '', y = '' } = this.#keys.publicKey.export({ format: 'jwk' });
    const coordinate = (text: string) => Buffer.concat([Buffer.from([0x58, 32]), Buffer.from(text, 'base64url')]);
    const head = Buffer.from([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21]);
    return Buffer.concat([head, coordinate(x), Buffer.from([0x22]), coordinate(y)]);
  }

  get credentialId(): string {
    return this.id.toString('base64url');
  }

  /** The answer to having it made, JSON. */
  created(asked: Asked): string {
    const length = Buffer.alloc(2);
    length.writeUInt16BE(this.id.length);
    const credential = Buffer.concat([Buffer.alloc(16), length, this.id, this.publicKey]);
    const data = Buffer.concat([this.#authData(asked, ATTESTED), credential]);
    const text = (word: string) => Buffer.concat([Buffer.from([0x60 + word.length]), Buffer.from(word)]);
    const attestationObject = Buffer.concat([
      ...[Buffer.from([0xa3]), text('fmt'), text('none'), text('attStmt'), Buffer.from([0xa0])],
      ...[text('authData'), Buffer.from([0x58, data.length]), data],
    ]);
    const clientDataJSON = this.#clientData('webauthn.create', asked);
    return this.#sealed({ clientDataJSON, attestationObject: attestationObject.toString('base64url'), transports: [] });
  }

  /** The answer to a challenge, JSON. */
  answered(asked: Asked): string {
    const data = this.#authData(asked, 0);
    const clientDataJSON = this.#clientData('webauthn.get', asked);
    const hash = createHash('sha256').update(Buffer.from(clientDataJSON, 'base64url')).digest();
    return this.#sealed({
      clientDataJSON,
      authenticatorData: data.toString('base64url'),
      signature: sign('sha256', Buffer.concat([data, hash]), this.#keys.privateKey).toString('base64url'),
      userHandle: Buffer.from(this.#userId).toString('base64url'),
    });
  }

  #authData({ userVerified = true, counter = ++this.#counter }: Asked, more: number): Buffer {
    const count = Buffer.alloc(4);
    count.writeUInt32BE(counter);
    const flags = Buffer.from([PRESENT | (userVerified ? VERIFIED : 0) | more]);
    return Buffer.concat([createHash('sha256').update(this.#place.rpId).digest(), flags, count]);
  }

  #clientData(type: string, { challenge, origin = this.#place.origin }: Asked): string {
    return Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false })).toString('base64url');
  }

  #sealed(response: object): string {
    const id = this.credentialId;
    return JSON.stringify({ id, rawId: id, type: 'public-key', clientExtensionResults: {}, response });
  }
}
